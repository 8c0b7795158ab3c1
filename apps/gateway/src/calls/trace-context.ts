import { randomHex } from '../random-hex.ts';

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;

/**
 * One call in every log it passes: W3C Trace Context (https://www.w3.org/TR/trace-context/). The trace begins where the
 * call does, in the SDK of whoever places it, and goes along with every request to the document's server.
 */
export class TraceContext {
  readonly traceId: string;
  readonly #flags: string;

  private constructor(traceId: string, flags: string) {
    this.traceId = traceId;
    this.#flags = flags;
  }

  /** Goes on with the trace of this header, or begins one where there is none that can be read. */
  static from(traceparent: string | undefined): TraceContext {
    const [, traceId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? [];
    return new TraceContext(traceId ?? randomHex(16), flags ?? '01');
  }

  /** The header of one more step; every step has an id of its own. */
  next(): string {
    return `00-${this.traceId}-${randomHex(8)}-${this.#flags}`;
  }
}
