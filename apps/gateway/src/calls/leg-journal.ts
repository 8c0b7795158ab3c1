import type { CallSid } from '@parley/protocol';
import type { LegChange } from '@parley/switchboard';
import { resolveUrl } from '../out/resolve-url.ts';
import type { CallServices } from './call-services.ts';

/** Writes down what becomes of the legs of one call, for REST, for bills and for a restart. */
export class LegJournal {
  readonly #accountSid: string;
  readonly #services: Pick<CallServices, 'calls' | 'world' | 'log'>;
  /** Legs that were opened and have not ended, for a call that crashes. */
  readonly #open = new Set<CallSid>();

  constructor(accountSid: string, services: CallServices) {
    this.#accountSid = accountSid;
    this.#services = services;
  }

  record(leg: CallSid, change: LegChange): void {
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

  /** Closes what a crash has left open. */
  endAll(): void {
    const { calls, world } = this.#services;
    const endedAtMs = world.nowMs();
    for (const leg of this.#open) {
      calls.end(leg, { status: 'failed', endedAtMs, durationSeconds: 0, endReason: 'server' });
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
