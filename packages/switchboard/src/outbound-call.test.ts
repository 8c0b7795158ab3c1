import { describe, expect, it } from 'vitest';
import type { CallOutput } from './call-output.ts';
import { CALL_LIMITS, type CallInput } from './call-state.ts';
import type { PartyId } from './media-plane.ts';
import type { RecordingTerms } from './recording-order.ts';
import {
  outboundDeadlineMs,
  outboundRingingFor,
  startOutboundCall,
  stepOutboundCall,
  type OutboundCallState,
  type OutboundOrder,
} from './outbound-call.ts';
import { rcml, sidOf, recordingOf } from './scene.test.kit.ts';

const SID = sidOf(1);
const LAPTOP = 'laptop' as PartyId;
const PHONE = 'phone' as PartyId;
const person = { identity: 'jenny' };
const BOTH: CallInput = {
  type: 'devicesFound',
  leg: SID,
  contacts: [
    { party: LAPTOP, person },
    { party: PHONE, person },
  ],
};
const rules = { ...CALL_LIMITS, newCallSid: () => sidOf(2), newRecording: () => recordingOf(1) };

class Order {
  nowMs = 0;
  state: OutboundCallState;
  readonly outputs: CallOutput[] = [];

  constructor(verbs = '<Pause length="5"/>', extra: Partial<OutboundOrder> = {}) {
    const step = startOutboundCall(
      {
        facts: {
          sid: SID,
          accountSid: 'AC1',
          from: 'client:desk',
          to: 'client:jenny',
          direction: 'outbound-api',
        },
        noun: {
          noun: 'Client',
          at: { line: 1, column: 1 },
          target: 'jenny',
          parameters: new Map([['tier', 'gold']]),
          video: true,
          method: 'POST',
          screeningTimeoutSeconds: 60,
          statusCallback: 'https://app.example/status',
          statusCallbackMethod: 'POST',
          statusCallbackEvents: ['initiated', 'ringing', 'answered', 'completed'],
        },
        application: { type: 'document', document: rcml(verbs), base: 'https://app.example/' },
        timeoutMs: 30_000,
        timeLimitMs: 60_000,
        ...extra,
      },
      rules,
      0,
    );
    this.state = step.state;
    this.outputs.push(...step.outputs);
  }

  feed(...inputs: readonly CallInput[]): this {
    for (const input of inputs) {
      const step = stepOutboundCall(this.state, input, rules, this.nowMs);
      this.state = step.state;
      this.outputs.push(...step.outputs);
    }
    return this;
  }

  pass(ms: number): this {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const deadlineMs = outboundDeadlineMs(this.state);
      if (deadlineMs === undefined || deadlineMs > untilMs) break;
      this.nowMs = deadlineMs;
      this.feed({ type: 'clock' });
    }
    this.nowMs = untilMs;
    return this;
  }

  get callbacks(): readonly string[] {
    return this.outputs.flatMap((output) => {
      if (output.type !== 'callback') return [];
      const status = new Map(output.params).get('CallStatus');
      return [`${output.sequence} ${output.event} ${status}`];
    });
  }

  told(party: PartyId): readonly string[] {
    return this.outputs.flatMap((output) =>
      output.type === 'tell' && output.party === party
        ? [output.notice.type === 'ended' ? `ended ${output.notice.reason}` : output.notice.type]
        : [],
    );
  }

  get released(): readonly PartyId[] {
    return this.outputs.flatMap((output) => (output.type === 'release' ? [output.party] : []));
  }
}

const device = (party: PartyId, input: 'alerting' | 'accept' | 'hangup' | 'deviceGone'): CallInput => ({
  type: 'device',
  party,
  input: { type: input },
});

describe('a call made by REST', () => {
  it('[D26] is one leg that rings all devices; whoever picks up runs the document', () => {
    const order = new Order().feed(BOTH, device(LAPTOP, 'alerting'), device(PHONE, 'accept'));
    expect(order.outputs.filter(({ type }) => type === 'invite')).toHaveLength(2);
    expect(order.told(LAPTOP)).toEqual(['ended answered-elsewhere']);
    expect(order.told(PHONE)).toEqual(['answered']);
    order.pass(5000);
    expect(order.told(PHONE)).toEqual(['answered', 'ended remote-hangup']);
    expect(order.callbacks).toEqual([
      '0 initiated initiated',
      '1 ringing ringing',
      '2 answered in-progress',
      '3 completed completed',
    ]);
    expect(order.outputs.at(-1)).toEqual({ type: 'callEnded' });
    expect(new Set(order.released)).toEqual(new Set([LAPTOP, PHONE]));
  });

  it('[RV16] is recorded from pick-up to its end where that was ordered', () => {
    const recorded: RecordingTerms = {
      source: 'OutboundAPI',
      channels: 2,
      trim: true,
      track: 'both',
      base: '',
      reports: { recordingStatusCallbackMethod: 'POST', recordingStatusCallbackEvents: ['completed'] },
    };
    const order = new Order('<Pause length="5"/>', { recorded }).feed(BOTH, device(PHONE, 'alerting'));
    const about = (type: CallOutput['type']) => order.outputs.filter((output) => output.type === type);
    expect(about('startRecording')).toEqual([]);
    order.feed(device(PHONE, 'accept'));
    expect(about('startRecording')).toMatchObject([
      {
        leg: SID,
        recording: recordingOf(1),
        order: { source: 'OutboundAPI', parties: [{ party: PHONE, channel: 0 }], maxLengthMs: 60_000 },
      },
    ]);
    order.pass(5000);
    expect(about('stopRecording')).toHaveLength(1);
  });

  it('[D26] to somebody who is not registered fails, and says so in its callbacks', () => {
    const order = new Order().feed({ type: 'devicesFound', leg: SID, contacts: [] });
    expect(order.callbacks).toEqual(['0 initiated initiated', '1 completed failed']);
    expect(order.outputs.at(-1)).toEqual({ type: 'callEnded' });
    expect(outboundDeadlineMs(order.state)).toBeUndefined();
  });

  it('[D26] that nobody answers ends no-answer at its timeout, not before', () => {
    const order = new Order().feed(BOTH, device(LAPTOP, 'alerting')).pass(29_999);
    expect(order.told(LAPTOP)).toEqual([]);
    order.pass(1);
    expect(order.told(LAPTOP)).toEqual(['ended no-answer']);
    expect(order.callbacks.at(-1)).toBe('2 completed no-answer');
  });

  it('[D26] [D3] lets a device ring that registers meanwhile', () => {
    const order = new Order().feed({ type: 'devicesFound', leg: SID, contacts: [{ party: LAPTOP, person }] });
    expect(outboundRingingFor(order.state, 'jenny')).toEqual([SID]);
    expect(outboundRingingFor(order.state, 'bob')).toEqual([]);
    order.feed(
      { type: 'deviceAppeared', leg: SID, contact: { party: PHONE, person } },
      device(PHONE, 'accept'),
    );
    expect(order.told(PHONE)).toEqual(['answered']);
    expect(outboundRingingFor(order.state, 'jenny')).toEqual([]);
  });

  it('[D26] [CL7] tells the application that it was made by REST', () => {
    const order = new Order('<Redirect>/next</Redirect>').feed(BOTH, device(LAPTOP, 'accept'));
    const fetch = order.outputs.find((output) => output.type === 'fetch');
    expect(Object.fromEntries(fetch?.params ?? [])).toMatchObject({
      CallSid: SID,
      Direction: 'outbound-api',
      CallStatus: 'in-progress',
      From: 'client:desk',
      To: 'client:jenny',
    });
  });

  it('[D26] may be limited in time', () => {
    const order = new Order('<Pause length="600"/>').feed(BOTH, device(LAPTOP, 'accept')).pass(60_000);
    expect(order.told(LAPTOP)).toEqual(['answered', 'ended time-limit']);
  });

  it('[D27] that still rings can be canceled, and takes no document', () => {
    const document = rcml('<Hangup/>');
    const order = new Order().feed(BOTH, {
      type: 'modify',
      leg: SID,
      change: { type: 'document', application: { type: 'document', document, base: '' } },
    });
    expect(order.told(LAPTOP)).toEqual([]);
    order.feed({ type: 'modify', leg: SID, change: { type: 'end' } });
    expect(order.callbacks.at(-1)).toBe('1 completed canceled');
    expect(order.told(LAPTOP)).toEqual(['ended cancelled']);
  });

  it('[D25] that talks can be ended', () => {
    const order = new Order().feed(BOTH, device(LAPTOP, 'accept'), {
      type: 'modify',
      leg: SID,
      change: { type: 'end' },
    });
    expect(order.told(LAPTOP)).toEqual(['answered', 'ended replaced']);
    expect(order.callbacks.at(-1)).toBe('3 completed completed');
  });
});
