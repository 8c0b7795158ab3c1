import type { WireError } from '@parley/protocol';
import { ERRORS, type ErrorCategory, type ErrorEntry } from './error-table.ts';
import { VERSION } from './version.ts';

export type { ErrorCategory } from './error-table.ts';

/** The name of an error: one of the SDK's own, or one of the wire's. */
export type ClientErrorName = keyof typeof ERRORS;

/** The number of an error: Twilio's where the meaning is equal. */
export type ClientErrorCode = (typeof ERRORS)[ClientErrorName][0];

/** What may have caused an error, and what helps; empty where there is nothing to say. */
export type ErrorAdvice = readonly [cause: string, solution: string];

/** What may be said about an error beyond its name. */
export interface ClientErrorDetails {
  readonly cause?: unknown;
  readonly retryAfterMs?: number | undefined;
  /** Which call it is about. */
  readonly callId?: string;
}

/** An error as data, as `JSON.stringify` writes it. */
export type ErrorFacts = Omit<ClientError, 'cause' | 'causes' | 'solutions' | 'stack' | 'toJSON'>;

/** Where every error has a paragraph: a page of this very package, so that it is always of the right version. */
const DOCS_URL = `https://unpkg.com/@parley/client@${VERSION}/dist/errors.html`;

let advice: Partial<Readonly<Record<ClientErrorName, ErrorAdvice>>> = {};

/** From now on errors know what to advise. Called when what a call needs has been loaded. */
export function takeAdvice(loaded: Readonly<Record<ClientErrorName, ErrorAdvice>>): void {
  advice = loaded;
}

/**
 * The only error class this SDK throws. Branch on `code` or `name`; never parse `message`.
 *
 * The sentences about an error are loaded in the background while a device registers. Until then `causes` and
 * `solutions` are empty, and an error without a message of its own says its name.
 */
export class ClientError extends Error {
  override readonly name: ClientErrorName;
  /** Twilio's number where the meaning is equal. */
  readonly code: ClientErrorCode;
  readonly category: ErrorCategory;
  /** Whether the same thing, asked again, could succeed. */
  readonly retryable: boolean;
  /** Whether nothing more will happen by itself. */
  readonly fatal: boolean;
  readonly retryAfterMs: number | undefined;
  readonly callId: string | undefined;

  constructor(name: ClientErrorName, message?: string, { cause, ...details }: ClientErrorDetails = {}) {
    super(message ?? (advice[name]?.[0] || name), cause === undefined ? {} : { cause });
    const [code, category, outlook]: (typeof ERRORS)[ClientErrorName] & ErrorEntry = ERRORS[name];
    this.name = name;
    this.code = code;
    this.category = category;
    this.retryable = outlook === 'again';
    this.fatal = outlook === 'over';
    this.retryAfterMs = details.retryAfterMs;
    this.callId = details.callId;
  }

  /** What may have led to it, in plain words for a developer. */
  get causes(): readonly string[] {
    return [advice[this.name]?.[0] ?? ''].filter(Boolean);
  }

  /** What helps, in plain words for a developer. */
  get solutions(): readonly string[] {
    return [advice[this.name]?.[1] ?? ''].filter(Boolean);
  }

  /** What to look up in a translation of one's own; stays the same over versions. */
  get i18nKey(): `error.${ClientErrorName}` {
    return `error.${this.name}`;
  }

  /** A page that says more. */
  get docsUrl(): string {
    return `${DOCS_URL}#${this.name}`;
  }

  /** The facts, for a log or a report; `cause` is left out, since it may hold anything. */
  toJSON(): ErrorFacts {
    const { name, code, category, message, retryable, fatal, retryAfterMs, callId, i18nKey, docsUrl } = this;
    return { name, code, category, message, retryable, fatal, retryAfterMs, callId, i18nKey, docsUrl };
  }
}

/** What the gateway refused, as an error. A name from a newer gateway becomes `unknown`, with its message. */
export function errorFromWire({ name, message, retryAfterMs }: WireError): ClientError {
  const known = Object.hasOwn(ERRORS, name) ? (name as ClientErrorName) : 'unknown';
  return new ClientError(known, message, { retryAfterMs });
}

/** Any thrown thing as a ClientError: one that is already is kept. */
export function asClientError(thrown: unknown, name: ClientErrorName): ClientError {
  if (thrown instanceof ClientError) return thrown;
  return new ClientError(name, thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
}
