import type { types } from 'mediasoup';

/** One transport of a party, as far as its health goes. */
export interface TransportHealth {
  readonly iceState: types.IceState;
  readonly dtlsState: types.DtlsState;
  /** Whether anything is meant to travel on it. */
  readonly isNeeded: boolean;
}

export interface PartyHealth {
  readonly send: TransportHealth;
  readonly recv: TransportHealth;
  readonly isBridged: boolean;
}

/**
 * What is wrong with a party's media, in a sentence, or nothing. A transport that broke is always wrong. One that
 * is not up yet is wrong only once somebody waits to hear: a phone may ring for a minute with its media asleep.
 */
export function troubleOf(health: PartyHealth): string | undefined {
  for (const direction of ['send', 'recv'] as const) {
    const { iceState, dtlsState, isNeeded } = health[direction];
    if (iceState === 'disconnected' || iceState === 'closed')
      return `the ${direction} transport lost its network path`;
    if (dtlsState === 'failed' || dtlsState === 'closed')
      return `the ${direction} transport lost its encryption`;
    const isUp = (iceState === 'connected' || iceState === 'completed') && dtlsState === 'connected';
    if (health.isBridged && isNeeded && !isUp) return `the ${direction} transport did not come up`;
  }
  return undefined;
}

/** Waits so long for a party in trouble to be well again, then gives up on it, once. */
export class MediaWatch {
  readonly #graceMs: number;
  readonly #giveUp: (why: string) => void;
  #timer: NodeJS.Timeout | undefined;
  #trouble: string | undefined;

  constructor(graceMs: number, giveUp: (why: string) => void) {
    this.#graceMs = graceMs;
    this.#giveUp = giveUp;
  }

  /** How the party is now. The grace runs from the first moment of a trouble, however it changes. */
  look(trouble: string | undefined): void {
    this.#trouble = trouble;
    if (trouble === undefined) this.close();
    else this.#timer ??= this.#start();
  }

  /** The browser is doing something about it: the grace begins again. */
  extend(): void {
    if (this.#timer === undefined) return;
    this.close();
    this.#timer = this.#start();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #start(): NodeJS.Timeout {
    return setTimeout(() => this.#giveUp(this.#trouble ?? 'media failed'), this.#graceMs);
  }
}
