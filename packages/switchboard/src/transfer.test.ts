import type { CallSid } from '@parley/protocol';
import type { Client } from '@parley/rcml';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallOutput } from './call-output.ts';
import { CALL_LIMITS, callDeadlineMs, type CallInput, type CallRules, type CallState } from './call-state.ts';
import { startCall, startSeatedCall, stepCall } from './call.ts';
import { handsOver } from './hands-over.ts';
import type { PartyId } from './media-plane.ts';
import type { Place } from './meeting.ts';
import { rcml, sidOf } from './scene.test.kit.ts';
import {
  openAttendedTransfer,
  openBlindTransfer,
  stepTransfer,
  type TransferInput,
  type TransferOutput,
  type TransferState,
} from './transfer.ts';

const at = { line: 1, column: 1 };
const [ONE, TWO] = [sidOf(1), sidOf(2)];

describe('a transfer', () => {
  const entered = (callSid: CallSid, failed?: 'busy'): TransferInput => ({
    type: 'entered',
    callSid,
    party: `party of ${callSid}` as PartyId,
    person: { identity: callSid === ONE ? 'anna' : 'jenny' },
    ...(failed === undefined ? {} : { failed }),
  });

  function run(first: TransferState, ...inputs: readonly TransferInput[]): readonly TransferOutput[] {
    const outputs: TransferOutput[] = [];
    let state = first;
    for (const input of inputs) {
      const step = stepTransfer(state, input);
      outputs.push(...step.outputs);
      state = step.state;
    }
    return outputs;
  }

  const blind = openBlindTransfer(ONE, TWO, { video: false });

  it('[MC40] lets go who hands over when somebody has taken the call, also when she comes later than that', () => {
    const answered: TransferInput = { type: 'left', callSid: ONE, why: 'answered' };
    const dismissed = { type: 'dismiss', callSid: TWO, how: 'transferred' };
    expect(run(blind, entered(TWO), answered)).toContainEqual(dismissed);
    expect(run(blind, answered, entered(TWO))).toEqual([dismissed, { type: 'ended' }]);
  });

  it('[MC43] joins the two when nobody came, in whatever order they come, and says why', () => {
    for (const order of [
      [entered(TWO), entered(ONE, 'busy')],
      [entered(ONE, 'busy'), entered(TWO)],
    ]) {
      const outputs = run(blind, ...order);
      expect(outputs.find(({ type }) => type === 'talk')).toMatchObject({ a: { callSid: ONE } });
      const told = outputs.flatMap((each) =>
        each.type === 'tell' && each.callSid === TWO ? [each.notice] : [],
      );
      expect(told.at(-1)).toMatchObject({ type: 'standing', outcome: 'transfer-failed', reason: 'busy' });
    }
  });

  it('[MC45] tells the other when one of them leaves, and is over then', () => {
    const left: TransferInput = { type: 'left', callSid: ONE, why: 'left' };
    const outputs = run(openAttendedTransfer(ONE, TWO, { video: true }), entered(ONE), entered(TWO), left);
    expect(outputs.map(({ type }) => type)).toEqual(['talk', 'tell', 'tell', 'part', 'dismiss', 'ended']);
    expect(outputs[0]).toMatchObject({ video: true });
    expect(run(blind, entered(TWO), left).slice(-2)).toEqual([
      { type: 'dismiss', callSid: TWO, how: 'left' },
      { type: 'ended' },
    ]);
  });
});

const NAMES = ['alice', 'bob', 'carol', 'dora'];

/** Several calls, the transfers between them, and who hears whom: as the gateway has them, in one thread and no time. */
class Exchange {
  nowMs = 0;
  readonly calls = new Map<CallSid, CallState>();
  readonly transfers = new Map<string, TransferState>();
  /** Who hears whom. */
  readonly pairs = new Map<PartyId, PartyId>();
  readonly parties = new Map<PartyId, 'in' | 'told' | 'out'>();
  readonly rows = new Map<CallSid, { isEnded: boolean; completed: number; isOwed: boolean }>();
  readonly #rules: CallRules;
  #sids = 0;
  #names = 0;
  #depth = 0;
  readonly #queue: (() => void)[] = [];

  constructor() {
    this.#rules = {
      ...CALL_LIMITS,
      callMaxMs: 3_600_000,
      newCallSid: () => sidOf((this.#sids += 1)),
      newRecording: () => ({ sid: `RE${(this.#names += 1)}`, url: 'https://parley.example' }),
    };
  }

  place(from: string, to: string): void {
    const party = this.#party(from);
    const document = rcml(
      `<Dial><Client statusCallback="/events" statusCallbackEvent="completed">${to}</Client></Dial>`,
    );
    const facts = {
      sid: sidOf((this.#sids += 1)),
      accountSid: 'AC1',
      caller: { party, person: { identity: from } },
      from: `client:${from}`,
      to,
      direction: 'inbound',
      params: {},
      video: false,
      application: { type: 'document', document, base: 'https://app.example/' },
    } as const;
    this.#take(facts.sid, startCall(facts, this.#rules, this.nowMs));
  }

  /** Everybody who takes part in anything, with the call in which she does. */
  get present(): readonly { readonly call: CallState; readonly party: PartyId }[] {
    return [...this.calls.values()].flatMap((call) => {
      if (call.caller.name === 'ended') return [];
      const legs = call.dial?.legs.flatMap(({ phase }) => {
        if (phase.name === 'ringing') return phase.contacts.map(({ party }) => party);
        return phase.name === 'joined' ? [phase.contact.party] : [];
      });
      return [call.facts.caller.party, ...(legs ?? [])].map((party) => ({ call, party }));
    });
  }

  feed(sid: CallSid, input: CallInput): void {
    const call = this.calls.get(sid);
    if (call !== undefined) this.#take(sid, stepCall(call, input, this.#rules, this.nowMs));
  }

  blind({ call, party }: Exchange['present'][number], to: string): void {
    const role = handsOver(call, party);
    if (role === undefined || !this.pairs.has(party)) return;
    const id = `t${(this.#names += 1)}`;
    const rings: Place = { type: 'ring', transferId: id, noun: client(to) };
    const waits: Place = { type: 'meet', transferId: id };
    if (role.type === 'guest') {
      const partner = this.#partnerOf(call.facts.sid);
      if (partner === undefined) return;
      this.#open(id, openBlindTransfer(partner, role.own, { video: false }));
      this.feed(call.facts.sid, { type: 'reseat', caller: waits, contact: null });
      this.feed(partner, { type: 'reseat', caller: rings, contact: null });
      return;
    }
    this.#open(id, openBlindTransfer(role.other, role.own, { video: false }));
    const [caller, contact] = role.type === 'caller' ? [waits, rings] : [rings, waits];
    this.feed(call.facts.sid, { type: 'reseat', caller, contact });
  }

  attended(one: Exchange['present'][number], two: Exchange['present'][number]): void {
    const seats = [one, two].map(({ call, party }) => {
      const role = this.pairs.has(party) ? handsOver(call, party) : undefined;
      const partner = role?.type === 'guest' ? this.#partnerOf(call.facts.sid) : role?.other;
      return { call, role, partner };
    });
    const [first, second] = seats;
    if (first?.partner === undefined || second?.partner === undefined) return;
    if (one.call === two.call || first.partner === second.partner) return;
    if (first.partner === two.call.facts.sid || second.partner === one.call.facts.sid) return;
    const id = `t${(this.#names += 1)}`;
    this.#open(id, openAttendedTransfer(first.partner, second.partner, { video: false }));
    const [leaves, meets]: [Place, Place] = [{ type: 'leave' }, { type: 'meet', transferId: id }];
    for (const { call, role, partner } of seats) {
      const { sid } = call.facts;
      if (role?.type === 'caller') this.feed(sid, { type: 'reseat', caller: leaves, contact: meets });
      if (role?.type === 'contact') this.feed(sid, { type: 'reseat', caller: meets, contact: leaves });
      if (role?.type !== 'guest' || partner === undefined) continue;
      this.feed(sid, { type: 'reseat', caller: leaves, contact: null });
      this.feed(partner, { type: 'reseat', caller: meets, contact: null });
    }
  }

  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const due = [...this.calls].map(([sid, call]) => ({ sid, atMs: callDeadlineMs(call) ?? Infinity }));
      const next = due.toSorted((one, other) => one.atMs - other.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, next.atMs);
      this.feed(next.sid, { type: 'clock' });
    }
    this.nowMs = untilMs;
  }

  /** A driver takes one input after another: what an output leads to waits for the outputs before it. */
  #take(sid: CallSid, step: { readonly state: CallState; readonly outputs: readonly CallOutput[] }): void {
    this.calls.set(sid, step.state);
    for (const output of step.outputs) this.#queue.push(() => this.#perform(sid, output));
    if (this.#depth > 0) return;
    this.#depth += 1;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) next();
    this.#depth -= 1;
  }

  #perform(sid: CallSid, output: CallOutput): void {
    switch (output.type) {
      case 'findDevices': {
        const { identity, leg } = output;
        const isThere = NAMES.slice(0, 3).includes(identity);
        const contacts = isThere ? [{ party: this.#party(identity), person: { identity } }] : [];
        return this.feed(sid, { type: 'devicesFound', leg, contacts });
      }
      case 'tell':
        if (this.parties.get(output.party) !== 'in') throw new Error(`${output.party} is told too late`);
        if (output.notice.type === 'ended') this.parties.set(output.party, 'told');
        return;
      case 'release':
        this.parties.set(output.party, 'out');
        return this.#part(output.party);
      case 'join':
        return this.#pair(output.a, output.b);
      case 'detach': {
        const { facts, answeredMs, place } = output;
        this.#part(facts.caller.party);
        if (place === undefined) throw new Error('nobody gave it a document');
        return this.#take(facts.sid, startSeatedCall(facts, answeredMs, place, this.#rules, this.nowMs));
      }
      case 'enterTransfer': {
        const { transferId, caller, failed } = output;
        const input = { type: 'entered', callSid: sid, ...caller } as const;
        return this.#move(transferId, failed === undefined ? input : { ...input, failed });
      }
      case 'leaveTransfer':
        return this.#move(output.transferId, { type: 'left', callSid: sid, why: output.why });
      case 'record':
        if (output.change.type === 'opened') {
          const isOwed = output.change.callback?.wantsCompleted === true;
          this.rows.set(output.leg, { isEnded: false, completed: 0, isOwed });
        } else if (output.change.type === 'ended') {
          const row = this.rows.get(output.leg);
          if (row?.isEnded !== false) throw new Error('a leg ended twice');
          row.isEnded = true;
        }
        return;
      case 'callback': {
        const row = this.rows.get(output.leg);
        if (row !== undefined && output.event === 'completed') row.completed += 1;
        return;
      }
      case 'callEnded':
        this.calls.delete(sid);
        return;
      default:
    }
  }

  #open(id: string, state: TransferState): void {
    for (const [known, { seats, isTalking }] of this.transfers) {
      if (!seats.some(({ callSid }) => state.seats.some((seat) => seat.callSid === callSid))) continue;
      this.transfers.delete(known);
      for (const { place } of seats) if (isTalking && place.name === 'here') this.#part(place.party);
    }
    this.transfers.set(id, state);
  }

  #move(id: string, input: TransferInput): void {
    const transfer = this.transfers.get(id);
    if (transfer === undefined) {
      if (input.type === 'entered') {
        this.feed(input.callSid, { type: 'transferOver', transferId: id, how: 'left' });
      }
      return;
    }
    const { state, outputs } = stepTransfer(transfer, input);
    this.transfers.set(id, state);
    for (const output of outputs) {
      switch (output.type) {
        case 'talk':
          this.#pair(output.a.party, output.b.party);
          break;
        case 'part':
          this.#part(output.a);
          break;
        case 'dismiss':
          this.feed(output.callSid, { type: 'transferOver', transferId: id, how: output.how });
          break;
        case 'ended':
          this.transfers.delete(id);
          break;
        case 'tell':
      }
    }
  }

  #partnerOf(sid: CallSid): CallSid | undefined {
    for (const { seats, isTalking } of this.transfers.values()) {
      if (!isTalking || !seats.some(({ callSid }) => callSid === sid)) continue;
      return seats.find(({ callSid }) => callSid !== sid)?.callSid;
    }
    return undefined;
  }

  #pair(a: PartyId, b: PartyId): void {
    for (const party of [a, b]) {
      if (this.pairs.has(party)) throw new Error(`${party} would talk with two`);
      if (this.parties.get(party) !== 'in') throw new Error(`${party} is not there`);
    }
    this.pairs.set(a, b);
    this.pairs.set(b, a);
  }

  #part(party: PartyId): void {
    const other = this.pairs.get(party);
    this.pairs.delete(party);
    if (other !== undefined) this.pairs.delete(other);
  }

  #party(identity: string): PartyId {
    const party = `${identity}#${(this.#names += 1)}` as PartyId;
    this.parties.set(party, 'in');
    return party;
  }
}

function client(target: string): Client {
  return {
    noun: 'Client',
    at,
    target,
    parameters: new Map(),
    video: false,
    method: 'POST',
    screeningTimeoutSeconds: 60,
    statusCallbackMethod: 'POST',
    statusCallbackEvents: ['completed'],
  };
}

describe('several calls and the transfers between them', () => {
  const happening = fc.record({
    what: fc.constantFrom(
      'place',
      'place',
      'accept',
      'accept',
      'accept',
      'blind',
      'blind',
      'attended',
      'attended',
      'reject',
      'hangup',
      'gone',
      'wait',
    ),
    who: fc.nat(30),
    other: fc.nat(30),
    ms: fc.constantFrom(0, 1000, 29_999, 30_000, 60_000),
  });

  it('[MC40] [MC43] [MC44] [MC45] [MC50] whatever happens, nobody is left behind and nobody talks with two', () => {
    let talks = 0;
    let transfers = 0;
    fc.assert(
      fc.property(fc.array(happening, { minLength: 20, maxLength: 60, size: 'max' }), (happenings) => {
        const exchange = new Exchange();
        for (const { what, who, other, ms } of happenings) {
          const { present } = exchange;
          const one = present[who % Math.max(1, present.length)];
          const two = present[other % Math.max(1, present.length)];
          const name = NAMES[other % NAMES.length] ?? '';
          if (what === 'wait') exchange.pass(ms);
          if (what === 'place') exchange.place(NAMES[who % 3] ?? '', name);
          if (one === undefined || two === undefined) continue;
          const { party } = one;
          const { sid } = one.call.facts;
          if (what === 'accept') exchange.feed(sid, { type: 'device', party, input: { type: 'accept' } });
          if (what === 'hangup') exchange.feed(sid, { type: 'device', party, input: { type: 'hangup' } });
          if (what === 'gone') exchange.feed(sid, { type: 'device', party, input: { type: 'deviceGone' } });
          if (what === 'reject') {
            const input = { type: 'reject', everywhere: false, why: 'declined' } as const;
            exchange.feed(sid, { type: 'device', party, input });
          }
          if (what === 'blind') exchange.blind(one, name);
          if (what === 'attended') exchange.attended(one, two);
          talks = Math.max(talks, exchange.pairs.size);
          transfers += exchange.transfers.size;
        }
        // From here on the clock alone.
        exchange.pass(7_200_000);
        expect([...exchange.calls.keys()]).toEqual([]);
        expect([...exchange.transfers.keys()]).toEqual([]);
        expect([...exchange.pairs.keys()]).toEqual([]);
        expect([...exchange.parties].filter(([, where]) => where !== 'out')).toEqual([]);
        for (const { isEnded, completed, isOwed } of exchange.rows.values()) {
          expect([isEnded, completed]).toEqual([true, isOwed ? 1 : 0]);
        }
      }),
      { seed: 20_261_128, numRuns: 400 },
    );
    // A generator in which nobody talks or is handed over would prove nothing.
    expect(talks).toBeGreaterThan(2);
    expect(transfers).toBeGreaterThan(100);
  });
});
