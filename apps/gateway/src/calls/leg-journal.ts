import type { CallSid } from '@parley/protocol';
import type { LegChange } from '@parley/switchboard';
import type { CallbackEvent } from '../out/callback-outbox.ts';
import { resolveUrl } from '../out/resolve-url.ts';
import { cutShort, cutShortParams } from '../store/interrupted-calls.ts';
import type { CallServices } from './call-services.ts';

/** Writes down what becomes of the legs of one call, for REST, for bills and for a restart. */
export class LegJournal {
  readonly #accountSid: string;
  readonly #services: Pick<CallServices, 'calls' | 'world' | 'log'>;
  /** Legs that were opened and have not ended, for a call that crashes. */
  readonly #open = new Set<CallSid>();
  readonly #onEnded: (leg: CallSid) => void;

  constructor(accountSid: string, services: CallServices, onEnded: (leg: CallSid) => void) {
    this.#onEnded = onEnded;
    this.#accountSid = accountSid;
    this.#services = services;
  }

  /** Never throws: people who talk matter more than the books, and what stays open is closed at the next start. */
  record(leg: CallSid, change: LegChange): void {
    try {
      this.#record(leg, change);
    } catch (err) {
      this.#services.log.error({ callSid: leg, err, change: change.type }, 'a leg could not be written down');
    }
  }

  #record(leg: CallSid, change: LegChange): void {
    const { calls, log } = this.#services;
    switch (change.type) {
      case 'opened':
        this.#opened(leg, change);
        return;
      case 'status':
        calls.setStatus(leg, change.status);
        return;
      case 'answered':
        calls.answered(leg, change.atMs);
        if (change.by !== undefined) calls.annotate(leg, { device: change.by });
        log.info({ callSid: leg }, 'call answered');
        return;
      case 'ended': {
        this.#open.delete(leg);
        this.#onEnded(leg);
        const durationSeconds = Math.round(change.durationMs / 1000);
        const { status, reason: endReason, atMs: endedAtMs } = change;
        calls.end(leg, { status, endedAtMs, durationSeconds, endReason });
        log.info({ callSid: leg, status, endReason }, 'call ended');
        return;
      }
    }
  }

  /** Whether a leg of this call is still up. */
  has(leg: CallSid): boolean {
    return this.#open.has(leg);
  }

  /** The leg goes on in another call, which closes it. */
  leave(leg: CallSid): void {
    this.#open.delete(leg);
  }

  /** Takes a leg over that another call has opened. */
  adopt(leg: CallSid): void {
    this.#open.add(leg);
  }

  /** Closes what a crash has left open, as a restart would (D9), and tells of it where that was asked for. Never throws. */
  closeAll(told: { sequenceOf(leg: CallSid): number; tell(event: CallbackEvent): void }): void {
    const { calls, log, world } = this.#services;
    for (const leg of this.#open) {
      this.#onEnded(leg);
      try {
        const call = calls.find(this.#accountSid, leg);
        if (call === undefined) continue;
        const end = cutShort(call, world.nowMs(), 'server');
        calls.end(leg, end);
        const { callback, accountSid } = call;
        if (callback?.wantsCompleted !== true) continue;
        const { url, method } = callback;
        const sequence = told.sequenceOf(leg);
        told.tell({
          accountSid,
          stream: leg,
          sequence,
          url,
          method,
          params: cutShortParams(call, end, sequence),
        });
      } catch (err) {
        log.error({ callSid: leg, err }, 'a leg could not be closed');
      }
    }
    this.#open.clear();
  }

  #opened(leg: CallSid, change: Extract<LegChange, { type: 'opened' }>): void {
    const { calls, log, world } = this.#services;
    this.#open.add(leg);
    const { callback, ...opened } = change;
    const url = callback === undefined ? undefined : resolveUrl(callback.base, callback.url);
    const subscription =
      callback === undefined || url === undefined
        ? null
        : {
            url,
            method: callback.method,
            wantsCompleted: callback.wantsCompleted,
            params: callback.params,
          };
    calls.open({
      ...opened,
      sid: leg,
      accountSid: this.#accountSid,
      createdAtMs: world.nowMs(),
      callback: subscription,
    });
    const { parentSid: parentCallSid, from, to } = change;
    log.info({ callSid: leg, parentCallSid, from, to }, 'call opened');
  }
}
