import type { CallSid, MediaOffer } from '@parley/protocol';
import {
  Driver,
  type CallInput,
  type CallNotice,
  type CallOutput,
  type CallRules,
  type PartyId,
} from '@parley/switchboard';
import type { DeviceSession } from '../edge/device-session.ts';
import type { BusyPeople } from './busy-people.ts';
import { DeviceSearch } from './device-search.ts';
import { CallRecordings, isAboutRecording } from './call-recordings.ts';
import {
  carriedDeadlineMs,
  carriedRingingFor,
  runningCall,
  startCarried,
  stepCarried,
  type CallOrigin,
  type CarriedState,
} from './call-origin.ts';
import type { CallServices } from './call-services.ts';
import { CallHearing } from './call-hearing.ts';
import { CallMusic } from './call-music.ts';
import { CallPrompts } from './call-prompts.ts';
import { CallWebhooks } from './call-webhooks.ts';
import type { MusicOrder, Visitor } from './conferences.ts';
import { LegJournal } from './leg-journal.ts';
import { MediaWords } from './media-words.ts';
import { wireTone } from './end-tone.ts';
import { follow, type Part } from './part.ts';
import { TraceContext } from './trace-context.ts';

type Of<T extends CallOutput['type']> = Extract<CallOutput, { type: T }>;
type CallDriver = Driver<CarriedState, CallInput, CallOutput>;

export interface HostedCallOptions {
  readonly origin: CallOrigin;
  /** Without the names of recordings, which are the call's own account's. */
  readonly rules: Omit<CallRules, 'newRecording'>;
  readonly services: CallServices;
  /** The room of the media plane; a call that left another stays in that one's. Default: the call's own. */
  readonly room?: string;
  /** The trace of whoever placed it. Default: one of its own. */
  readonly traceparent?: string | undefined;
  readonly busy: BusyPeople;
  /** Whether a device may take part in one more call. */
  readonly hasRoom: (device: DeviceSession) => boolean;
  readonly onPart: (part: Part, call: HostedCall) => void;
  readonly onPartOver: (part: Part, call: HostedCall) => void;
  readonly onLegEnded: (leg: CallSid) => void;
  /** The call looks for somebody's devices; one that registers meanwhile is to be told (D3). */
  readonly onRinging: (identity: string, call: HostedCall) => void;
  /** A leg leaves the call and goes on as one of its own; its part is nobody's until it is given to that. */
  readonly onDetached: (origin: CallOrigin, call: HostedCall) => void;
  readonly onEnded: (call: HostedCall) => void;
}

/**
 * One call as the gateway carries it: the driver of its machine, and the hands that do what the machine says. It
 * decides nothing. If the machine or a hand fails, this call ends and no other notices (design §3.6).
 */
export class HostedCall implements Visitor {
  readonly sid: CallSid;
  readonly accountSid: string;
  readonly #options: HostedCallOptions;
  readonly #services: CallServices;
  readonly #driver: CallDriver;
  readonly trace: TraceContext;
  readonly #webhooks: CallWebhooks;
  readonly #music: CallMusic;
  readonly #hearing: CallHearing;
  readonly #prompts: CallPrompts;
  readonly #journal: LegJournal;
  readonly #recordings: CallRecordings;
  readonly #search: DeviceSearch;
  readonly #parts = new Map<PartyId, Part>();
  #room: string;
  #isLayered = false;
  #isOver = false;

  constructor(options: HostedCallOptions) {
    const { origin, services } = options;
    const facts = origin.type === 'ordered' ? origin.order.facts : origin.facts;
    this.#options = options;
    this.#services = services;
    this.sid = facts.sid;
    this.accountSid = facts.accountSid;
    this.#room = options.room ?? facts.sid;
    const feed = (input: CallInput): void => this.feed(input);
    this.trace = TraceContext.from(options.traceparent);
    this.#webhooks = new CallWebhooks(facts.accountSid, services, this.trace, feed);
    this.#music = new CallMusic(services, this.#webhooks);
    this.#hearing = new CallHearing(services.ears, this.#webhooks, feed);
    this.#prompts = new CallPrompts(services.announcer, this.#webhooks, feed);
    this.#journal = new LegJournal(facts.accountSid, services, options.onLegEnded);
    this.#recordings = new CallRecordings(facts.accountSid, services.recordings, this.#webhooks, feed);
    this.#search = new DeviceSearch({
      ...options,
      accountSid: facts.accountSid,
      webhooks: this.#webhooks,
      parts: this.#parts,
      addPart: (part) => this.#addPart(part),
      onSought: (identity) => options.onRinging(identity, this),
      feed,
    });
    const rules: CallRules = { ...options.rules, newRecording: () => this.#recordings.name() };
    this.#driver = new Driver<CarriedState, CallInput, CallOutput>({
      start: (nowMs) => startCarried(origin, rules, nowMs),
      step: (state, input, nowMs) => stepCarried(state, input, rules, nowMs),
      deadlineMs: carriedDeadlineMs,
      clock: { type: 'clock' },
      perform: (output) => this.#perform(output),
      onCrash: (error, lastInputs) => this.#crashed(error, lastInputs),
      world: services.world,
    });
  }

  /** Sets the call going. Apart from the constructor, so that everybody can hold the call before it acts. */
  begin(): void {
    const { origin } = this.#options;
    if (origin.type !== 'ordered') this.#addPart(origin.caller);
    if (origin.type === 'detached') {
      this.#journal.adopt(this.sid);
      this.#webhooks.goOnFrom(this.sid, origin.facts.owed?.sequence ?? 0);
    }
    this.#services.log.info({ callSid: this.sid, traceId: this.trace.traceId }, 'a call has begun');
    this.#driver.begin();
  }

  /** The names whose devices were looked for. */
  get soughtNames(): ReadonlySet<string> {
    return this.#search.soughtNames;
  }

  get state(): CarriedState {
    return this.#driver.state;
  }

  get room(): string {
    return this.#room;
  }

  moveTo(room: string, { layered }: { readonly layered: boolean } = { layered: false }): void {
    this.#room = room;
    this.#isLayered = layered;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get parts(): ReadonlyMap<PartyId, Part> {
    return this.#parts;
  }

  feed(input: CallInput): void {
    this.#driver.feed(input);
  }

  /** Tells a device what did not come from this call's own machine. */
  tell(party: PartyId, notice: CallNotice): void {
    this.#tell({ type: 'tell', party, notice });
  }

  playMusic({ leg, party, music }: MusicOrder): void {
    this.#music.play({ leg, party }, music);
  }

  /** Whether a leg of this call is still up. */
  hasLeg(leg: CallSid): boolean {
    return this.#journal.has(leg);
  }

  /** Opens the media of the device that placed the call. Her call ends when there is none to be had. */
  async openMediaOf(part: Part): Promise<MediaOffer> {
    try {
      return await this.#openMedia(part);
    } catch (error) {
      const { party } = part;
      this.feed({ type: 'device', party, input: { type: 'mediaFailed', why: String(error) } });
      throw error;
    }
  }

  /** Lets a device ring that has registered while its name rings, or is waited for. */
  deviceRegistered(device: DeviceSession): void {
    this.#search.deviceRegistered(device, carriedRingingFor(this.state, device.identity));
  }

  #perform(output: CallOutput): void {
    if (isAboutRecording(output)) return this.#recordings.perform(output);
    switch (output.type) {
      case 'fetch':
        this.#beside(this.#webhooks.fetch(output));
        return;
      case 'ask':
        this.#beside(this.#webhooks.ask(this.sid, output));
        return;
      case 'findDevices':
        this.#search.find(output);
        return;
      case 'invite':
        this.#beside(this.#invite(output));
        return;
      case 'tell':
        this.#tell(output);
        return;
      case 'join':
        this.#join(output);
        return;
      case 'release':
        this.#release(output.party);
        return;
      case 'enterConference':
        this.#services.conferences.enter(this, output);
        return;
      case 'leaveConference':
        this.#services.conferences.leave(output.party);
        return;
      case 'enterTransfer':
        this.#services.transfers.enter(this, output);
        return;
      case 'passDigits':
        this.#services.talks.feed(output.party, { ...output, type: 'digits' });
        return;
      case 'leaveTransfer':
        this.#services.transfers.leave(this.sid, output.why);
        return;
      case 'play':
        this.#prompts.play(output);
        return;
      case 'stopPlaying':
        this.#prompts.stop(output);
        return;
      case 'listen':
        this.#hearing.listen(output);
        return;
      case 'stopListening':
        this.#hearing.stop(output);
        return;
      case 'music':
        this.playMusic(output);
        return;
      case 'detach':
        this.#detach(output);
        return;
      case 'callback':
        this.#webhooks.callback(output);
        return;
      case 'record':
        this.#journal.record(output.leg, output.change);
        this.#search.legChanged(output.leg, output.change);
        return;
      case 'notify':
        this.#webhooks.notify(output);
        return;
      case 'callEnded':
        this.#over();
        return;
    }
  }

  #join({ a, b, video }: Of<'join'>): void {
    const { media, talks } = this.#services;
    media.bridge(a, b, { video });
    talks.begin({ party: a, call: this }, { party: b, call: this }, { video });
  }

  #addPart(part: Part): void {
    this.#parts.set(part.party, part);
    this.#options.onPart(part, this);
  }

  async #invite(output: Of<'invite'>): Promise<void> {
    const part = this.#parts.get(output.contact.party);
    if (part === undefined) return;
    part.params = Object.fromEntries(output.params);
    part.video = output.media.video;
    part.other = { identity: output.from };
    const offer = await this.openMediaOf(part).catch(() => undefined);
    if (offer === undefined || !this.#parts.has(part.party)) return;
    const caller = this.#placedBy();
    if (caller !== undefined) {
      this.#services.media.prepare(caller.party, part.party, { video: output.media.video });
    }
    part.isTold = true;
    part.device.tell({
      type: 'incoming',
      callId: part.callId,
      callSid: output.leg,
      from: output.from,
      to: output.to,
      params: { ...part.params },
      media: output.media,
      offer,
      traceparent: this.trace.next(),
    });
  }

  /** The part that others ring for; a call made by REST has none while it rings. */
  #placedBy(): Part | undefined {
    const { origin } = this.#options;
    if (origin.type !== 'ordered') return origin.caller;
    const running = runningCall(this.state);
    return running === undefined ? undefined : this.#parts.get(running.facts.caller.party);
  }

  /** A leg goes on elsewhere: its part is taken out, with its media as it is. */
  #detach({ from, facts, answeredMs, place }: Of<'detach'>): void {
    const part = this.#parts.get(facts.caller.party);
    if (part === undefined) return;
    this.#services.talks.end(part.party);
    this.#services.media.unbridge(from, part.party);
    this.#parts.delete(part.party);
    this.#options.onPartOver(part, this);
    this.#journal.leave(facts.sid);
    const origin = { type: 'detached', facts, answeredMs, caller: part } as const;
    this.#options.onDetached(place === undefined ? origin : { ...origin, place }, this);
  }

  async #openMedia(part: Part): Promise<MediaOffer> {
    const { media } = this.#services;
    const { party, device, callId } = part;
    const words = new MediaWords(this.#services);
    const offer = await media.open({
      party,
      room: this.#room,
      layered: this.#isLayered,
      tell: (notice) => device.tell({ ...words.notice(notice, device.identity), callId }),
      onFailed: (why) => this.feed({ type: 'device', party, input: { type: 'mediaFailed', why } }),
    });
    if (!this.#parts.has(party)) {
      media.close(party);
      return offer;
    }
    if (device.rtpCapabilities !== undefined) media.setCapabilities(party, device.rtpCapabilities);
    return words.offer(offer, device.identity);
  }

  #tell({ party, notice, tone }: Of<'tell'>): void {
    const part = this.#parts.get(party);
    if (part === undefined) return;
    follow(part, notice);
    if (TALKING.has(notice.type)) this.#options.busy.enter(part);
    if (part.isTold) part.device.tell({ ...notice, ...wireTone(tone), callId: part.callId });
  }

  #release(party: PartyId): void {
    const part = this.#parts.get(party);
    if (part === undefined) return;
    try {
      this.#services.conferences.leave(party);
      this.#music.play({ leg: part.callSid, party }, null);
      this.#services.talks.end(party);
      this.#services.media.close(party);
    } finally {
      this.#parts.delete(party);
      this.#options.onPartOver(part, this);
      this.#options.busy.leave(part);
    }
  }

  /** Frees everything the call held. Idempotent, because a crash may come at any point. */
  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#services.transfers.leave(this.sid, 'left');
    this.#webhooks.close();
    this.#attempt(() => this.#search.close());
    this.#attempt(() => this.#music.close());
    this.#attempt(() => this.#recordings.close());
    this.#attempt(() => this.#hearing.close());
    this.#attempt(() => this.#prompts.close());
    for (const party of Array.from(this.#parts.keys())) this.#attempt(() => this.#release(party));
    this.#driver.stop();
    this.#options.onEnded(this);
  }

  /** What goes on beside the machine. If it breaks, so has this call, and nothing else: least of all the process. */
  #beside(work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.#driver.stop();
      this.#crashed(error, []);
    });
  }

  /** What only can be our own bug: it is logged with what led to it, and everybody in the call is told. Never throws. */
  #crashed(error: unknown, lastInputs: readonly CallInput[]): void {
    const { log, outbox } = this.#services;
    log.error(
      { callSid: this.sid, err: error, lastInputs: lastInputs.map((input) => input.type) },
      'call crashed',
    );
    if (this.#isOver) return;
    for (const part of this.#parts.values()) {
      if (!part.isTold) continue;
      const { callId, device } = part;
      this.#attempt(() =>
        device.tell({ type: 'ended', callId, reason: 'server', by: 'server', durationMs: 0 }),
      );
    }
    this.#journal.closeAll({
      sequenceOf: (leg) => this.#webhooks.sequenceOf(leg),
      tell: (event) => outbox.enqueue(event),
    });
    this.#over();
  }

  /** One thing of several that all must be done. */
  #attempt(act: () => void): void {
    try {
      act();
    } catch (err) {
      this.#services.log.error({ callSid: this.sid, err }, 'a part of a call could not be ended');
    }
  }
}

/** What makes somebody busy; whoever placed the call is so from its beginning. */
const TALKING: ReadonlySet<string> = new Set(['answered', 'screening', 'joined']);
