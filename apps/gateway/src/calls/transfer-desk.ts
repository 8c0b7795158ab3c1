import type { CallParams, CallSid, ReplyData } from '@parley/protocol';
import type { Client } from '@parley/rcml';
import {
  handsOver,
  openAttendedTransfer,
  openBlindTransfer,
  type HandsOver,
  type Place,
} from '@parley/switchboard';
import { randomUUID } from 'node:crypto';
import { WireRefusal } from '../edge/wire-refusal.ts';
import { runningCall } from './call-origin.ts';
import type { CallServices } from './call-services.ts';
import type { HostedCall } from './hosted-call.ts';
import type { Part } from './part.ts';
import type { TransferCall } from './transfers.ts';

export interface TransferDeskOptions extends Pick<CallServices, 'talks' | 'transfers'> {
  /** Whether anybody may hand over anybody on this gateway. */
  readonly mayTransfer: boolean;
  readonly callOf: (callSid: CallSid) => HostedCall | undefined;
}

/** What a device may ask of a call in order to leave it to others. Finds out who goes where, and tells the calls so. */
export class TransferDesk {
  readonly #options: TransferDeskOptions;

  constructor(options: TransferDeskOptions) {
    this.#options = options;
  }

  /** The other rings somebody; this device waits for what comes of it. */
  blind(part: Part, call: HostedCall, to: string, params: CallParams): ReplyData {
    const role = this.#roleOf(part, call);
    const transferId = randomUUID();
    const { talks, transfers, callOf } = this.#options;
    const video = talks.stateOf(part.party)?.video ?? false;
    const rings: Place = { type: 'ring', transferId, noun: nounFor(to, params, video) };
    const waits: Place = { type: 'meet', transferId };
    const open = (handedOver: CallSid): void =>
      transfers.open(transferId, openBlindTransfer(handedOver, role.own, { video }), callOf);
    switch (role.type) {
      case 'caller':
        open(role.other);
        call.feed({ type: 'reseat', caller: waits, contact: rings });
        break;
      case 'contact':
        open(role.other);
        call.feed({ type: 'reseat', caller: rings, contact: waits });
        break;
      case 'guest': {
        const partner = this.#partnerOf(role);
        open(partner.sid);
        call.feed({ type: 'reseat', caller: waits, contact: null });
        partner.feed({ type: 'reseat', caller: rings, contact: null });
      }
    }
    return {};
  }

  /** The others of two calls of one device talk with one another; the device is out of both. */
  attended(one: { part: Part; call: HostedCall }, other: { part: Part; call: HostedCall }): ReplyData {
    if (one.part === other.part) throw refused('a call is not handed over to itself');
    const roles = [this.#roleOf(one.part, one.call), this.#roleOf(other.part, other.call)] as const;
    const partners = roles.map((role) => (role.type === 'guest' ? this.#partnerOf(role) : undefined));
    const [first, second] = roles.map((role, index) =>
      role.type === 'guest' ? partners[index]?.sid : role.other,
    );
    if (first === undefined || second === undefined || first === second) {
      throw refused('the two calls are with the same person’s device');
    }
    const { talks, transfers, callOf } = this.#options;
    const video = [one, other].every(({ part }) => talks.stateOf(part.party)?.video === true);
    const transferId = randomUUID();
    transfers.open(transferId, openAttendedTransfer(first, second, { video }), callOf);
    for (const [index, { call }] of [one, other].entries()) {
      leave(call, roles[index], partners[index], { type: 'meet', transferId });
    }
    return {};
  }

  #roleOf({ party, device }: Part, call: HostedCall): HandsOver {
    if (!this.#options.mayTransfer) throw refused('this gateway hands nobody over');
    if (!device.grants.transferAllow) throw refused('the token does not allow handing over calls');
    const running = runningCall(call.state);
    const role = running === undefined ? undefined : handsOver(running, party);
    if (role === undefined || this.#options.talks.stateOf(party) === undefined) {
      throw refused('this device is not joined with one other person');
    }
    return role;
  }

  #partnerOf({ own }: HandsOver): TransferCall {
    const partner = this.#options.transfers.partnerOf(own);
    if (partner === undefined) throw refused('the other has just left');
    return partner;
  }
}

/** This device goes, whom it talked with comes into the transfer. */
function leave(
  call: HostedCall,
  role: HandsOver | undefined,
  partner: TransferCall | undefined,
  meets: Place,
): void {
  const leaves: Place = { type: 'leave' };
  switch (role?.type) {
    case 'caller':
      return call.feed({ type: 'reseat', caller: leaves, contact: meets });
    case 'contact':
      return call.feed({ type: 'reseat', caller: meets, contact: leaves });
    case 'guest':
      call.feed({ type: 'reseat', caller: leaves, contact: null });
      return partner?.feed({ type: 'reseat', caller: meets, contact: null });
    case undefined:
  }
}

function refused(message: string): WireRefusal {
  return new WireRefusal('transfer-refused', message);
}

/** Whom a document would have dialled. */
function nounFor(to: string, params: CallParams, video: boolean): Client {
  return {
    noun: 'Client',
    at: { line: 1, column: 1 },
    target: to,
    parameters: new Map(Object.entries(params)),
    video,
    method: 'POST',
    screeningTimeoutSeconds: 60,
    statusCallbackMethod: 'POST',
    statusCallbackEvents: ['completed'],
  };
}
