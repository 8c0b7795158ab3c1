import type { CallSid, Party } from '@parley/protocol';
import type { LegEvent } from '@parley/rcml';
import type { CallNotice, CallOutput, LegChange } from './call-output.ts';
import type { Application, CallState, OwedCallback } from './call-state.ts';
import type { Contact, LegOutput, LegState } from './leg-state.ts';
import type { PartyId } from './media-plane.ts';
import { ringbackOf, type Music } from './music.ts';
import { startVerb } from './call-recordings.ts';
import type { ScriptOutput } from './script-state.ts';
import { callbackParams, voiceRequest, type FormFields, type LegFacts } from './voice-request.ts';

/** What must be known of a leg, beside itself, to put what it says into the words of the shell. */
export interface LegView {
  readonly facts: LegFacts;
  /** Where the URLs of its noun resolve. */
  readonly base: string;
  /** Which application decides about it, for a call made by REST. */
  readonly application?: Application;
  /** Who hears that it rings; absent for a call made by REST. */
  readonly ringsFor?: RingsFor;
}

interface RingsFor {
  readonly leg: CallSid;
  readonly party: PartyId;
  /** What the gateway plays to her meanwhile; null where her device does it. */
  readonly ringback: Music | null;
}

/** A leg as its dial has it. */
export function legViewOf(call: CallState, leg: LegState): LegView {
  const { dial } = call;
  const { sid, caller } = call.facts;
  const ringback = dial === null ? null : ringbackOf(dial.verb, dial.base);
  return {
    facts: legFacts(call, leg),
    base: dial?.base ?? '',
    ringsFor: { leg: sid, party: caller.party, ringback },
  };
}

/** What she hears while it rings is over, before she hears anything else. */
export function endRingback({ facts, dial }: CallState): readonly CallOutput[] {
  if (dial === null || ringbackOf(dial.verb, dial.base) === null) return [];
  return [{ type: 'music', leg: facts.sid, party: facts.caller.party, music: null }];
}

/** Puts what a rung leg says into the words of the shell. */
export function fromLeg(view: LegView, leg: LegState, output: LegOutput): readonly CallOutput[] {
  const { facts, ringsFor } = view;
  switch (output.type) {
    case 'findDevices':
      return [
        {
          type: 'findDevices',
          leg: leg.sid,
          identity: leg.noun.target ?? '',
          from: plainName(facts.from),
          video: withVideo(leg),
        },
      ];
    case 'invite':
      return [
        {
          type: 'invite',
          leg: leg.sid,
          contact: output.contact,
          from: plainName(facts.from),
          to: plainName(facts.to),
          params: leg.noun.parameters,
          media: { audio: true, video: withVideo(leg) },
        },
      ];
    case 'rings':
      return ringsFor === undefined ? [] : ringing(ringsFor);
    case 'screening':
      return [tell(output.contact.party, { type: 'screening' })];
    case 'dismiss': {
      const { contact, type: _, ...told } = output;
      return [
        tell(contact.party, { type: 'ended', callSid: leg.sid, ...told }),
        { type: 'release', party: contact.party },
      ];
    }
    case 'event':
      return fromLegEvent(view, leg, output);
    case 'notify':
      return [{ ...output, leg: leg.sid }];
    case 'script':
      return fromScreening(leg, facts, output.contact, output.output);
  }
}

function withVideo({ noun }: LegState): boolean {
  return noun.noun === 'Client' && noun.video;
}

function ringing({ leg, party, ringback: music }: RingsFor): readonly CallOutput[] {
  if (music === null) return [tell(party, { type: 'ringing' })];
  return [tell(party, { type: 'ringing', earlyMedia: true }), { type: 'music', leg, party, music }];
}

/** The caller as a callee may know her: under the `callerId` of the dial, where it has one. */
export function callerAsSeen(call: CallState): Party {
  const callerId = addressOf(call.dial?.verb.callerId);
  return callerId === undefined ? call.facts.caller.person : { identity: plainName(callerId) };
}

export function tell(party: PartyId, notice: CallNotice): Extract<CallOutput, { type: 'tell' }> {
  return { type: 'tell', party, notice };
}

function fromLegEvent(
  view: LegView,
  leg: LegState,
  { event, sequence, subscribed }: Extract<LegOutput, { type: 'event' }>,
): readonly CallOutput[] {
  const { facts, base } = view;
  const record: CallOutput = { type: 'record', leg: leg.sid, change: legChange(leg, view, event) };
  const { statusCallback, statusCallbackMethod } = leg.noun;
  if (!subscribed || statusCallback === undefined) return [record];
  const params = callbackParams(facts, leg, event, sequence);
  return [
    record,
    {
      type: 'callback',
      leg: leg.sid,
      sequence,
      url: statusCallback,
      base,
      method: statusCallbackMethod,
      event,
      params,
    },
  ];
}

function legChange(leg: LegState, { facts, base, application }: LegView, event: LegEvent): LegChange {
  const { phase } = leg;
  switch (event) {
    case 'initiated': {
      const { from, to, direction, parentSid = null } = facts;
      // D24: a dialled leg that has not rung yet shows as ringing in REST.
      const ringing = { type: 'opened', parentSid, from, to, direction, status: 'ringing' } as const;
      const opened = { ...ringing, ...applicationSidOf(application ?? null) };
      const { statusCallback: url, statusCallbackMethod: method, statusCallbackEvents } = leg.noun;
      if (url === undefined) return opened;
      const wantsCompleted = statusCallbackEvents.includes('completed');
      const params = voiceRequest(facts, 'failed').filter(([name]) => name !== 'CallStatus');
      return { ...opened, callback: { url, base, method, wantsCompleted, params } };
    }
    case 'ringing':
      return { type: 'status', status: 'ringing' };
    case 'answered': {
      if (phase.name !== 'screening' && phase.name !== 'accepted')
        return { type: 'status', status: 'in-progress' };
      const by = phase.contact.person.deviceLabel;
      const answered = { type: 'answered', atMs: phase.answeredMs } as const;
      return by === undefined ? answered : { ...answered, by };
    }
    case 'completed': {
      if (phase.name !== 'ended') return { type: 'status', status: 'completed' };
      const { status, reason, durationMs, endedMs } = phase;
      return { type: 'ended', status, reason, atMs: endedMs, durationMs };
    }
  }
}

function fromScreening(
  leg: LegState,
  facts: LegFacts,
  contact: Contact,
  output: ScriptOutput,
): readonly CallOutput[] {
  switch (output.type) {
    case 'fetch': {
      const { fetchId, request } = output;
      const params: FormFields = [...voiceRequest(facts, 'in-progress'), ...request.params];
      return [{ type: 'fetch', leg: leg.sid, fetchId, request, params }];
    }
    case 'play':
    case 'stopPlaying':
    case 'listen':
    case 'stopListening':
      return [{ ...output, leg: leg.sid, party: contact.party }];
    case 'startRecording':
      return [startVerb(leg.sid, contact.party, output)];
    case 'stopRecording':
      return [output];
    case 'tellApplication': {
      const params: FormFields = [...voiceRequest(facts, 'in-progress'), ...output.request.params];
      return [{ type: 'ask', request: output.request, params }];
    }
    case 'notify':
      return [{ ...output, leg: leg.sid }];
    case 'answer':
    case 'dial':
      // A screened leg is answered already, and its script refuses to dial.
      return [];
  }
}

function legFacts(call: CallState, leg: LegState): LegFacts {
  const { facts } = call;
  const target = leg.noun.target ?? '';
  return {
    sid: leg.sid,
    accountSid: facts.accountSid,
    parentSid: facts.sid,
    from: addressOf(call.dial?.verb.callerId) ?? facts.from,
    to: leg.noun.noun === 'Client' ? `client:${target}` : target,
    direction: 'outbound-dial',
  };
}

/** A caller id as webhooks write it: a number stays one, everything else is the name of a client (D12). */
export function addressOf(callerId: string | undefined): string | undefined {
  if (callerId === undefined || callerId === '') return undefined;
  return /^(\+?[0-9*#]+|client:.*|sip:.*)$/.test(callerId) ? callerId : `client:${callerId}`;
}

function plainName(address: string): string {
  return address.startsWith('client:') ? address.slice('client:'.length) : address;
}

/** What a leg that leaves what rang it takes with it: the `completed` it still owes, and how many it has fired. */
export function owedBy(
  leg: LegState,
  base: string,
): { readonly owed?: OwedCallback; readonly fired: number } {
  const fired = leg.sequence;
  const { statusCallback: url, statusCallbackMethod: method, statusCallbackEvents } = leg.noun;
  if (url === undefined || !statusCallbackEvents.includes('completed')) return { fired };
  return { fired, owed: { url, base, method, sequence: fired } };
}

/** The sid of an application, where it has one, as the record of a leg keeps it. */
export function applicationSidOf(application: Application | null): { readonly applicationSid?: string } {
  return application?.type === 'url' && application.sid !== undefined
    ? { applicationSid: application.sid }
    : {};
}
