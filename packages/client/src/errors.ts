import type { WireError } from '@parley/protocol';
import { ERRORS, type ErrorCategory, type ErrorEntry } from './error-table.ts';

export type { ErrorCategory } from './error-table.ts';

/** The name of an error: one of the SDK's own, or one of the wire's. */
export type ClientErrorName = keyof typeof ERRORS;

/** What may be said about an error beyond its name. */
export interface ClientErrorDetails {
  readonly cause?: unknown;
  readonly retryAfterMs?: number;
  /** Which call it is about. */
  readonly callId?: string;
}

/** The only error class this SDK throws. Branch on `code` or `name`; never parse `message`. */
export class ClientError extends Error {
  override readonly name: ClientErrorName;
  /** Twilio's number where the meaning is equal. */
  readonly code: number;
  readonly category: ErrorCategory;
  /** Whether the same thing, asked again, could succeed. */
  readonly retryable: boolean;
  /** Whether nothing more will happen by itself. */
  readonly fatal: boolean;
  readonly causes: readonly string[];
  readonly solutions: readonly string[];
  readonly retryAfterMs: number | undefined;
  readonly callId: string | undefined;

  constructor(name: ClientErrorName, message?: string, details: ClientErrorDetails = {}) {
    const [code, category, outlook, reason, solution]: ErrorEntry = ERRORS[name];
    super(message ?? (reason || name), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = name;
    this.code = code;
    this.category = category;
    this.retryable = outlook === 'again';
    this.fatal = outlook === 'over';
    this.causes = reason === '' ? [] : [reason];
    this.solutions = solution === '' ? [] : [solution];
    this.retryAfterMs = details.retryAfterMs;
    this.callId = details.callId;
  }

  /** The facts, for a log or a report; `cause` is left out, since it may hold anything. */
  toJSON(): Record<string, unknown> {
    const { name, code, category, message, retryable, fatal, callId } = this;
    return { name, code, category, message, retryable, fatal, ...(callId === undefined ? {} : { callId }) };
  }
}

/** What the gateway refused, as an error. A name from a newer gateway becomes `unknown`, with its message. */
export function errorFromWire(error: WireError, callId?: string): ClientError {
  const name = Object.hasOwn(ERRORS, error.name) ? (error.name as ClientErrorName) : 'unknown';
  return new ClientError(name, error.message, {
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    ...(callId === undefined ? {} : { callId }),
  });
}

/** Any thrown thing as a ClientError: one that is already is kept. */
export function asClientError(thrown: unknown, name: ClientErrorName): ClientError {
  if (thrown instanceof ClientError) return thrown;
  return new ClientError(name, thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
}
