import type { CallSid } from '@parley/protocol';
import {
  stepTransfer,
  type CallInput,
  type CallNotice,
  type CallOutput,
  type PartyId,
  type TransferId,
  type TransferInput,
  type TransferOutput,
  type TransferState,
} from '@parley/switchboard';
import type { CallServices } from './call-services.ts';

/** A call whose caller is in a transfer. */
export interface TransferCall {
  readonly sid: CallSid;
  /** The room of the media plane in which its caller is. */
  readonly room: string;
  moveTo(room: string): void;
  feed(input: CallInput): void;
  tell(party: PartyId, notice: CallNotice): void;
}

type Entrance = Extract<CallOutput, { type: 'enterTransfer' }>;

interface HostedTransfer {
  state: TransferState;
  readonly find: (callSid: CallSid) => TransferCall | undefined;
}

/** All transfers of this node: the states of their machines, and the hands. It decides nothing. */
export class Transfers {
  readonly #services: Pick<CallServices, 'media' | 'talks' | 'log'>;
  readonly #transfers = new Map<TransferId, HostedTransfer>();
  /** The transfer each call is in, or may come back to. */
  readonly #of = new Map<CallSid, TransferId>();

  constructor(services: Pick<CallServices, 'media' | 'talks' | 'log'>) {
    this.#services = services;
  }

  get count(): number {
    return this.#transfers.size;
  }

  /** Makes one, before the two calls are told where to go. A transfer that either is in is over without a word. */
  open(id: TransferId, state: TransferState, find: HostedTransfer['find']): void {
    const [first, second] = state.seats;
    for (const { callSid } of state.seats) this.#forget(this.#of.get(callSid));
    for (const { callSid } of state.seats) this.#of.set(callSid, id);
    this.#transfers.set(id, { state, find });
    this.#services.log.info({ callSid: first.callSid, other: second.callSid }, 'call handed over');
  }

  enter(call: TransferCall, { transferId, caller, failed }: Entrance): void {
    const transfer = this.#transfers.get(transferId);
    const { party, person } = caller;
    if (transfer === undefined) {
      call.feed({ type: 'transferOver', transferId, how: 'left' });
      return;
    }
    const entered = { type: 'entered', callSid: call.sid, party, person } as const;
    this.#feed(transferId, transfer, failed === undefined ? entered : { ...entered, failed });
  }

  /** The caller of this call does not come, or has left. Fine for one that is in no transfer. */
  leave(callSid: CallSid, why: 'answered' | 'left'): void {
    const id = this.#of.get(callSid);
    const transfer = id === undefined ? undefined : this.#transfers.get(id);
    this.#of.delete(callSid);
    if (id === undefined || transfer === undefined) return;
    this.#feed(id, transfer, { type: 'left', callSid, why });
  }

  /** Who talks with the caller of this call, in a transfer. */
  partnerOf(callSid: CallSid): TransferCall | undefined {
    const id = this.#of.get(callSid);
    const transfer = id === undefined ? undefined : this.#transfers.get(id);
    if (transfer?.state.isTalking !== true) return undefined;
    const partner = transfer.state.seats.find((seat) => seat.callSid !== callSid);
    return partner === undefined ? undefined : transfer.find(partner.callSid);
  }

  /** The two of a transfer go elsewhere, and know it. */
  #forget(id: TransferId | undefined): void {
    const transfer = id === undefined ? undefined : this.#transfers.get(id);
    if (id === undefined || transfer === undefined) return;
    const { state } = transfer;
    this.#transfers.delete(id);
    for (const { callSid } of state.seats) this.#of.delete(callSid);
    const [a, b] = state.seats.map(({ place }) => (place.name === 'here' ? place.party : undefined));
    if (state.isTalking && a !== undefined && b !== undefined) this.#part(a, b);
  }

  #feed(id: TransferId, transfer: HostedTransfer, input: TransferInput): void {
    const { state, outputs } = stepTransfer(transfer.state, input);
    transfer.state = state;
    for (const output of outputs) this.#perform(id, transfer, output);
  }

  #perform(id: TransferId, { state, find }: HostedTransfer, output: TransferOutput): void {
    switch (output.type) {
      case 'talk':
        this.#join(find, output);
        return;
      case 'part':
        this.#part(output.a, output.b);
        return;
      case 'tell':
        find(output.callSid)?.tell(output.party, output.notice);
        return;
      case 'dismiss':
        this.#of.delete(output.callSid);
        find(output.callSid)?.feed({ type: 'transferOver', transferId: id, how: output.how });
        return;
      case 'ended':
        this.#transfers.delete(id);
        for (const { callSid } of state.seats) if (this.#of.get(callSid) === id) this.#of.delete(callSid);
    }
  }

  /** One comes to where the other is. */
  #join(find: HostedTransfer['find'], { a, b, video }: Extract<TransferOutput, { type: 'talk' }>): void {
    const { media, talks } = this.#services;
    const [first, second] = [find(a.callSid), find(b.callSid)];
    if (first === undefined || second === undefined) return;
    second.moveTo(first.room);
    media.move(b.party, first.room);
    media.bridge(a.party, b.party, { video });
    talks.begin({ party: a.party, call: first }, { party: b.party, call: second }, { video });
  }

  #part(a: PartyId, b: PartyId): void {
    this.#services.talks.end(a);
    this.#services.media.unbridge(a, b);
  }
}
