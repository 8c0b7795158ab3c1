import { parseRcml, type Document, type HttpMethod } from '@parley/rcml';
import type { CallSid, EndReason } from '@parley/protocol';
import type { CallNotice, CallOutput, LegChange } from './call-output.ts';
import {
  CALL_LIMITS,
  callDeadlineMs,
  type Application,
  type CallFacts,
  type CallInput,
  type CallRules,
  type CallState,
  type CallStep,
  type DeviceInput,
} from './call-state.ts';
import { startCall, stepCall } from './call.ts';
import type { Contact } from './leg-state.ts';
import { Ledger } from './ledger.test.kit.ts';
import type { PartyId } from './media-plane.ts';
import type { RecordingName } from './recording-order.ts';
import type { RecordingEnd } from './recording-plane.ts';

type Of<Type extends CallOutput['type']> = Extract<CallOutput, { type: Type }>;
type Notice<Type extends CallNotice['type']> = Extract<CallNotice, { type: Type }>;

/** What the application answers under a path: RCML, a parsed document, a failure, or nothing at all. */
export type Answer = string | Document | { readonly fails: number } | null;
/** The web server takes the request, and that is all. */
export const NEVER = null;

export interface SceneOptions {
  /** By the URL as written. The first request is for `/voice`. */
  readonly answers?: Readonly<Record<string, Answer>>;
  /** Who is registered, with the labels of their devices. */
  readonly registered?: Readonly<Record<string, readonly string[]>>;
  /** Who is registered nowhere, was sent for, and declines. */
  readonly declined?: readonly string[];
  readonly facts?: Partial<CallFacts>;
  readonly fallback?: string;
  readonly callMaxMs?: number;
}

export const APPLICATION = 'https://app.example/voice';
export const CALLER = 'caller' as PartyId;
export const CALL_SID = sidOf(0);

export function sidOf(serial: number): CallSid {
  return `CA${serial.toString(16).padStart(32, '0')}` as CallSid;
}

/** The recordings of a scene, from 1. */
export function recordingOf(serial: number): RecordingName {
  const sid = `RE${serial}`;
  return { sid, url: `https://parley.example/${sid}` };
}

/** Reads RCML that must be good. */
export function rcml(verbs: string): Document {
  const result = parseRcml(`<Response>${verbs}</Response>`);
  if (!result.ok) throw new Error(`the test's document is refused: ${result.complaints[0]?.message}`);
  return result.document;
}

/** What a request was about: where it went, as written, and what it carried. */
export interface Asked {
  readonly url: string;
  readonly base: string;
  readonly method: HttpMethod;
  readonly leg: CallSid;
  readonly params: Readonly<Record<string, string>>;
}

/**
 * One call in a world turned by hand. Documents and registrations answer at once; people do what the test says.
 * A ledger checks after every step what must hold in any call, so that each test checks it too.
 */
export class Scene {
  nowMs = 0;
  readonly outputs: { readonly atMs: number; readonly output: CallOutput }[] = [];
  readonly ledger: Ledger;
  readonly #rules: CallRules;
  readonly #answers: Map<string, Answer>;
  readonly #registered: Map<string, readonly string[]>;
  readonly #declined: readonly string[];
  readonly #queue: CallInput[] = [];
  readonly #rung = new Map<string, number>();
  #state: CallState;
  #sids = 0;
  #recordings = 0;

  constructor(voice: Answer | Application, options: SceneOptions = {}) {
    const application: Application = isApplication(voice)
      ? voice
      : {
          type: 'url',
          url: APPLICATION,
          method: 'POST',
          ...(options.fallback === undefined ? {} : { fallback: { url: options.fallback, method: 'POST' } }),
        };
    this.#answers = new Map(Object.entries(options.answers ?? {}));
    if (!isApplication(voice)) this.#answers.set(APPLICATION, voice);
    this.#registered = new Map(Object.entries(options.registered ?? { jenny: [''] }));
    this.#declined = options.declined ?? [];
    this.#rules = {
      ...CALL_LIMITS,
      ...(options.callMaxMs === undefined ? {} : { callMaxMs: options.callMaxMs }),
      newCallSid: () => sidOf(++this.#sids),
      newRecording: () => recordingOf(++this.#recordings),
    };
    const facts: CallFacts = {
      sid: CALL_SID,
      accountSid: 'AC1',
      caller: { party: CALLER, person: { identity: 'bob' } },
      from: 'client:bob',
      to: 'jenny',
      direction: 'inbound',
      params: {},
      video: false,
      application,
      ...options.facts,
    };
    this.ledger = new Ledger(facts);
    const first = startCall(facts, this.#rules, this.nowMs);
    this.#state = first.state;
    this.#take(first);
    this.#drain();
  }

  get state(): CallState {
    return this.#state;
  }

  get isOver(): boolean {
    return this.#state.caller.name === 'ended';
  }

  feed(...inputs: readonly CallInput[]): void {
    this.#queue.push(...inputs);
    this.#drain();
  }

  device(party: string, input: DeviceInput): void {
    this.feed({ type: 'device', party: party as PartyId, input });
  }

  alert(...parties: readonly string[]): void {
    for (const party of parties) this.device(party, { type: 'alerting' });
  }

  accept(party: string): void {
    this.device(party, { type: 'accept' });
  }

  reject(
    party: string,
    how: { readonly everywhere?: boolean; readonly why?: 'declined' | 'busy' } = {},
  ): void {
    const { everywhere = false, why = 'declined' } = how;
    this.device(party, { type: 'reject', everywhere, why });
  }

  hangup(party: string = CALLER): void {
    this.device(party, { type: 'hangup' });
  }

  gone(party: string): void {
    this.device(party, { type: 'deviceGone' });
  }

  press(keys: string, party: string = CALLER): void {
    this.feed({ type: 'digits', party: party as PartyId, digits: keys });
  }

  /** A device registers while the call runs. */
  appears(leg: CallSid, party: string): void {
    this.feed({ type: 'deviceAppeared', leg, contact: contact(party) });
  }

  terminate(reason: EndReason): void {
    this.feed({ type: 'terminate', reason });
  }

  /** What plays now has been heard to its end. */
  heard(): void {
    for (const { leg, playId } of this.ledger.playing) this.feed({ type: 'played', leg, playId });
  }

  /** Whoever writes a recording has ended it; by default because it was asked to, with something said. */
  recorded(recording: RecordingName, end: Partial<RecordingEnd> = {}): void {
    const begun = this.of('startRecording').find((each) => each.recording.sid === recording.sid);
    if (begun === undefined) throw new Error(`${recording.sid} was never begun`);
    const { leg } = begun;
    this.feed({ type: 'recordingEnded', leg, recordingSid: recording.sid, end: { ...SAID, ...end } });
  }

  /** Whoever is listened to has said something. */
  says(hearing: Extract<CallInput, { type: 'heard' }>['hearing']): void {
    for (const { leg, listenId } of this.ledger.listening.values())
      this.feed({ type: 'heard', leg, listenId, hearing });
  }

  /** Lets time pass, stopping at every deadline as the driver does. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    let wakes = 0;
    for (;;) {
      const dueMs = callDeadlineMs(this.#state);
      if (dueMs === undefined || dueMs > untilMs) break;
      wakes = dueMs > this.nowMs ? 0 : wakes + 1;
      if (wakes > 50) throw new Error(`the clock stands still at ${this.nowMs}`);
      this.nowMs = Math.max(this.nowMs, dueMs);
      this.feed({ type: 'clock' });
    }
    this.nowMs = untilMs;
  }

  of<Type extends CallOutput['type']>(type: Type): readonly Of<Type>[] {
    return this.outputs.flatMap(({ output }) => (output.type === type ? [output as Of<Type>] : []));
  }

  /** Everything a party was told, in order. */
  told(party: string): readonly CallNotice[] {
    return this.of('tell').flatMap((output) => (output.party === party ? [output.notice] : []));
  }

  words(party: string): readonly string[] {
    return this.told(party).map((notice) => notice.type);
  }

  /** How the party's call ended, as it was told. */
  end(party: string = CALLER): Notice<'ended'> | undefined {
    return this.told(party).find((notice) => notice.type === 'ended');
  }

  /** Everything that was asked for, and what went with it. */
  get asked(): readonly Asked[] {
    return this.outputs.flatMap(({ output }) => {
      if (output.type !== 'fetch' && output.type !== 'ask') return [];
      const { written: url, base, method } = output.request;
      const leg = output.type === 'fetch' ? output.leg : CALL_SID;
      return [{ url, base, method, leg, params: Object.fromEntries(output.params) }];
    });
  }

  lastAsked(): Asked {
    const asked = this.asked.at(-1);
    if (asked === undefined) throw new Error('nothing was asked for');
    return asked;
  }

  /** Callbacks of a leg as `sequence event status`. */
  callbacks(leg?: CallSid): readonly string[] {
    return this.of('callback')
      .filter((each) => leg === undefined || each.leg === leg)
      .map((each) => `${each.sequence} ${each.event} ${param(each.params, 'CallStatus')}`);
  }

  callback(event: string, leg: CallSid = sidOf(1)): Readonly<Record<string, string>> {
    const said = this.of('callback').find((each) => each.leg === leg && each.event === event);
    if (said === undefined) throw new Error(`no ${event} of ${leg}`);
    return Object.fromEntries(said.params);
  }

  /** The end of a leg as it is kept. */
  legEnd(leg: CallSid = sidOf(1)): Extract<LegChange, { type: 'ended' }> | undefined {
    for (const each of this.of('record')) {
      if (each.leg === leg && each.change.type === 'ended') return each.change;
    }
    return undefined;
  }

  get invited(): readonly string[] {
    return this.of('invite').map((output) => output.contact.party);
  }

  get joins(): readonly string[] {
    return this.of('join').map((output) => output.b);
  }

  get notified(): readonly number[] {
    return this.of('notify').map((output) => output.code);
  }

  #drain(): void {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      this.ledger.input(next);
      const step = stepCall(this.#state, next, this.#rules, this.nowMs);
      this.#state = step.state;
      this.#take(step);
    }
  }

  #take(step: CallStep): void {
    for (const output of step.outputs) {
      this.outputs.push({ atMs: this.nowMs, output });
      this.ledger.output(output);
      if (output.type === 'fetch') this.#answer(output);
      if (output.type === 'findDevices') {
        const labels = this.#registered.get(output.identity) ?? [];
        const contacts = labels.map((label) => this.#contact(output.identity, label));
        const hasDeclined = this.#declined.includes(output.identity);
        this.#queue.push({ type: 'devicesFound', leg: output.leg, contacts, hasDeclined });
      }
    }
    this.ledger.settled(step.state);
  }

  #answer({ leg, fetchId, request }: Of<'fetch'>): void {
    const { written } = request;
    const answer = this.#answers.get(written);
    if (answer === NEVER) return;
    if (answer === undefined || (typeof answer === 'object' && 'fails' in answer)) {
      const fault = { code: answer?.fails ?? 11200, message: 'not to be had', url: absolute(written) };
      this.#queue.push({ type: 'documentFailed', leg, fetchId, fault });
      return;
    }
    const document = typeof answer === 'string' ? rcml(answer) : answer;
    this.#queue.push({ type: 'documentFetched', leg, fetchId, document, foundAt: absolute(written) });
  }

  /** A device that rings again in the same call does so as a new party: `jenny`, then `jenny~2`. */
  #contact(identity: string, label: string): Contact {
    const name = label === '' ? identity : `${identity}/${label}`;
    const times = (this.#rung.get(name) ?? 0) + 1;
    this.#rung.set(name, times);
    return contact(times === 1 ? name : `${name}~${times}`);
  }
}

/** How a recording ends in which somebody spoke for 7 s. */
export const SAID: RecordingEnd = {
  why: 'stopped',
  durationMs: 7_000,
  bytes: 28_000,
  file: '/recordings/one.ogg',
  isSilent: false,
};

/** A device by its party's name: `jenny`, or `jenny/laptop`. */
export function contact(party: string): Contact {
  const [identity = '', label] = party.replace(/~\d+$/, '').split('/');
  const person = label === undefined ? { identity } : { identity, deviceLabel: label };
  return { party: party as PartyId, person };
}

function isApplication(voice: Answer | Application): voice is Application {
  return typeof voice === 'object' && voice !== null && 'type' in voice;
}

function absolute(written: string): string {
  return written.startsWith('http') ? written : `https://app.example/${written.replace(/^\//, '')}`;
}

function param(params: readonly (readonly [string, string])[], name: string): string {
  return params.find(([key]) => key === name)?.[1] ?? '';
}
