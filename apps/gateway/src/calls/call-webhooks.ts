import type { CallSid } from '@parley/protocol';
import type { Complaint } from '@parley/rcml';
import type { CallInput, CallOutput } from '@parley/switchboard';
import { CookieJar } from '../out/cookie-jar.ts';
import type { FetchFailure } from '../out/document-fetcher.ts';
import { resolveUrl } from '../out/resolve-url.ts';
import { formatTimestamp } from '../out/timestamp.ts';
import type { CallServices } from './call-services.ts';
import type { TraceContext } from './trace-context.ts';

/** Why a document is not waited for any more. */
const CALL_OVER = new Error('the call is over');

type Of<T extends CallOutput['type']> = Extract<CallOutput, { type: T }>;

/** What one call asks and tells of the web application that decides about it. */
export class CallWebhooks {
  readonly #accountSid: string;
  readonly #services: CallServices;
  readonly #trace: TraceContext;
  readonly #feed: (input: CallInput) => void;
  readonly #cookies = new CookieJar();
  readonly #fetches = new AbortController();
  /** The number of the next callback of a leg, for one that a crash cuts short. */
  readonly #sequences = new Map<CallSid, number>();

  constructor(
    accountSid: string,
    services: CallServices,
    trace: TraceContext,
    feed: (input: CallInput) => void,
  ) {
    this.#accountSid = accountSid;
    this.#trace = trace;
    this.#services = services;
    this.#feed = feed;
  }

  /**
   * Asks for a document; the machine hears of it later, whatever comes of it, unless the call is over by then. Or
   * whoever else has asked, with the cookies of this call.
   */
  async fetch(output: Of<'fetch'>, tell = this.#feed): Promise<void> {
    const { leg, fetchId, request } = output;
    const account = this.#services.webhookAccount(this.#accountSid);
    const url = resolveUrl(request.base, request.written);
    if (url === undefined || account === undefined) {
      const message =
        url === undefined ? `"${request.written}" is not a URL that can be asked` : 'the account is unknown';
      this.notify({ type: 'notify', leg, code: 11100, severity: 'error', message });
      // Not within the step that asked: the machine is never entered twice.
      queueMicrotask(() => tell({ type: 'documentFailed', leg, fetchId, fault: { code: 11100, message } }));
      return;
    }
    const { signal } = this.#fetches;
    const asked = { url, method: request.method, params: output.params };
    const fetched = await this.#services.fetcher.fetchDocument({
      ...asked,
      account,
      cookies: this.#cookies,
      traceparent: this.#trace.next(),
      signal,
    });
    if (signal.aborted) return;
    for (const complaint of fetched.complaints) {
      // What made it no document is told once, below, with the answer in which it stands.
      if (!fetched.ok && isAbout(complaint, fetched.failure)) continue;
      const { code, severity, message, at, remedy } = complaint;
      this.#services.notifications.notify({
        accountSid: this.#accountSid,
        callSid: leg,
        code,
        severity,
        message: `${message} ${remedy}`,
        ...at,
        request: asked,
      });
    }
    if (fetched.ok) {
      const { document, foundAt } = fetched;
      tell({ type: 'documentFetched', leg, fetchId, document, foundAt });
      return;
    }
    this.#notifyFailure(leg, fetched.failure, output);
    const { code, message, requestUrl } = fetched.failure;
    tell({
      type: 'documentFailed',
      leg,
      fetchId,
      fault: { code, message, url: requestUrl, ...placeOf(fetched.failure) },
    });
  }

  /** Tells the application of an end it can no longer change: its document is ignored (D16). */
  async ask(leg: CallSid, output: Of<'ask'>): Promise<void> {
    const account = this.#services.webhookAccount(this.#accountSid);
    const url = resolveUrl(output.request.base, output.request.written);
    if (url === undefined || account === undefined) return;
    const { method } = output.request;
    const { params } = output;
    const cookies = this.#cookies;
    const traceparent = this.#trace.next();
    const asked = { url, method, params, account, cookies, traceparent };
    const fetched = await this.#services.fetcher.fetchDocument(asked);
    if (!fetched.ok) this.#notifyFailure(leg, fetched.failure, output);
  }

  /** The same of a leg whose call is over by then, and never fails. */
  async tellAfterwards(leg: CallSid, output: Omit<Of<'ask'>, 'type'>): Promise<void> {
    try {
      await this.ask(leg, { type: 'ask', ...output });
    } catch (err) {
      this.#services.log.error({ callSid: leg, err }, 'an application could not be told of a recording');
    }
  }

  /** Writes a status callback into the outbox, in the same transaction as the change it tells of. */
  callback(output: Of<'callback'>): void {
    if (output.event === 'completed') this.#sequences.delete(output.leg);
    else this.#sequences.set(output.leg, output.sequence + 1);
    const url = resolveUrl(output.base, output.url);
    if (url === undefined) {
      const message = `statusCallback "${output.url}" is not a URL that can be asked`;
      this.notify({ type: 'notify', leg: output.leg, code: 11100, severity: 'error', message });
      return;
    }
    this.#services.outbox.enqueue({
      accountSid: this.#accountSid,
      stream: output.leg,
      sequence: output.sequence,
      url,
      method: output.method,
      params: [...output.params, ['Timestamp', formatTimestamp(this.#services.world.nowMs())]],
      traceparent: this.#trace.next(),
    });
  }

  /** A leg goes on here whose earlier callbacks another call has sent. */
  goOnFrom(leg: CallSid, sequence: number): void {
    this.#sequences.set(leg, sequence);
  }

  /** The number that the next callback of a leg has. */
  sequenceOf(leg: CallSid): number {
    return this.#sequences.get(leg) ?? 0;
  }

  notify({ leg, code, severity, message, at }: Of<'notify'>): void {
    const { notifications } = this.#services;
    notifications.notify({ accountSid: this.#accountSid, callSid: leg, code, severity, message, ...at });
  }

  /** Ends what is still being asked; nothing is fed from here on. */
  close(): void {
    // With a reason of its own: the browser's, made anew each time, costs more than the rest of this.
    this.#fetches.abort(CALL_OVER);
  }

  #notifyFailure(leg: CallSid, failure: FetchFailure, asked: Of<'fetch'> | Of<'ask'>): void {
    const { code, message, status, responseHeaders, responseBody, requestUrl } = failure;
    this.#services.notifications.notify({
      accountSid: this.#accountSid,
      callSid: leg,
      code,
      severity: 'error',
      message,
      ...placeOf(failure),
      request: { url: requestUrl, method: asked.request.method, params: asked.params },
      response: {
        ...(status === undefined ? {} : { status }),
        ...(responseHeaders === undefined ? {} : { headers: responseHeaders }),
        ...(responseBody === undefined ? {} : { body: responseBody }),
      },
    });
  }
}

function isAbout({ code, at }: Complaint, failure: FetchFailure): boolean {
  return code === failure.code && at.line === failure.line && at.column === failure.column;
}

function placeOf({ line, column }: FetchFailure): { line?: number; column?: number } {
  return { ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) };
}
