import type { PlaceholderTrack, Platform } from '../platform.ts';

/** How often the camera is drawn while nobody may see it. */
const DRAW_EVERY_MS = 100;
/** Drawn in quick succession when somebody may: the key frame that is asked for then need not wait for a picture. */
const LAST_DRAWN_AT_MS = [15, 30, 45] as const;
/** The camera itself takes over. */
const LEAVE_AT_MS = 60;

/**
 * Goes up in place of an open camera for as long as the gateway holds it back: the camera's own picture, drawn ten times
 * a second. It spares the encoder while it rings, and the other side sees its first picture some 40 ms sooner: a camera
 * gives its next frame when it likes, a drawing at once.
 */
export class StandIn {
  readonly #platform: Platform;
  readonly #picture: PlaceholderTrack;
  #timers: (() => void)[] = [];

  constructor(platform: Platform, picture: PlaceholderTrack) {
    this.#platform = platform;
    this.#picture = picture;
    this.#draw();
  }

  #draw(): void {
    this.#picture.paint();
    this.#timers = [this.#platform.setTimer(() => this.#draw(), DRAW_EVERY_MS)];
  }

  /** Somebody may look now. `left` hears when the camera's turn has come: at once where a page draws too slowly. */
  leave(left: () => void): void {
    this.close();
    if (this.#platform.isHidden?.() === true) {
      left();
      return;
    }
    this.#picture.paint();
    const at = (delayMs: number, act: () => void): (() => void) => this.#platform.setTimer(act, delayMs);
    this.#timers = LAST_DRAWN_AT_MS.map((delayMs) => at(delayMs, () => this.#picture.paint()));
    this.#timers.push(at(LEAVE_AT_MS, left));
  }

  close(): void {
    for (const cancel of this.#timers.splice(0)) cancel();
  }
}
