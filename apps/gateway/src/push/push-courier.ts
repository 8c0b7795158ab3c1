import { createHash } from 'node:crypto';
import { Agent, Pool } from 'undici';
import webPush from 'web-push';
import { portOf, type AddressGuard } from '../out/address-guard.ts';
import type { PushAddress, PushKeys } from '../store/push-addresses.ts';

/** What became of a message. `gone`: nobody will ever be reached at this address again. */
export type PushOutcome =
  | { readonly type: 'taken' }
  | { readonly type: 'gone' }
  | { readonly type: 'failed'; readonly why: string };

export interface PushMessage {
  /** JSON; encrypted for the device alone (RFC 8291). */
  readonly payload: object;
  /** A later message about the same replaces one that has not been delivered (RFC 8030 §5.4). */
  readonly about: string;
  /** For so long the push service keeps trying. */
  readonly ttlSeconds: number;
}

interface PushCourierOptions {
  readonly guard: AddressGuard;
  readonly keys: PushKeys;
  /** Whom a push service may write to about us: `mailto:` or `https:` (RFC 8292 §2.1). */
  readonly contact: string;
}

const TIMEOUT_MS = 10_000;
const CONNECTIONS_PER_ORIGIN_MAX = 16;
/** Beyond it, somebody else is at fault, and a ring that comes later than that is none. */
const IN_FLIGHT_MAX = 512;

/** Carries messages to the push services of browsers, under the same guard of addresses as webhooks. */
export class PushCourier implements AsyncDisposable {
  readonly #guard: AddressGuard;
  readonly #vapid: { readonly subject: string; readonly publicKey: string; readonly privateKey: string };
  readonly #agent: Agent;
  #inFlight = 0;

  constructor({ guard, keys, contact }: PushCourierOptions) {
    this.#guard = guard;
    this.#vapid = { subject: contact, ...keys };
    this.#agent = new Agent({
      // One pool for each origin, because the guard judges a host together with its port.
      factory: (origin) =>
        new Pool(origin, {
          connections: CONNECTIONS_PER_ORIGIN_MAX,
          connect: { timeout: 5000, lookup: guard.lookupFor(portOf(new URL(origin))) },
        }),
    });
  }

  /** Never rejects. */
  async send({ endpoint, p256dh, auth }: PushAddress, message: PushMessage): Promise<PushOutcome> {
    if (this.#inFlight >= IN_FLIGHT_MAX) return { type: 'failed', why: 'too many are on their way' };
    this.#inFlight += 1;
    try {
      const url = new URL(endpoint);
      const refused = this.#guard.check(url);
      if (refused !== undefined) return { type: 'failed', why: refused.message };
      const { headers, body } = webPush.generateRequestDetails(
        { endpoint, keys: { p256dh, auth } },
        JSON.stringify(message.payload),
        {
          vapidDetails: this.#vapid,
          TTL: message.ttlSeconds,
          urgency: 'high',
          topic: topicOf(message.about),
        },
      );
      const response = await this.#agent.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: 'POST',
        headers: { ...headers, 'Content-Length': undefined },
        body,
        headersTimeout: TIMEOUT_MS,
        bodyTimeout: TIMEOUT_MS,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.body.dump();
      return outcomeOf(response.statusCode);
    } catch (error) {
      return { type: 'failed', why: error instanceof Error ? error.message : String(error) };
    } finally {
      this.#inFlight -= 1;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#agent.destroy();
  }
}

function outcomeOf(status: number): PushOutcome {
  if (status >= 200 && status < 300) return { type: 'taken' };
  if (status === 404 || status === 410) return { type: 'gone' };
  return { type: 'failed', why: `the push service answered ${status}` };
}

/** At most 32 characters of base64url. */
function topicOf(about: string): string {
  return createHash('sha256').update(about).digest('base64url').slice(0, 32);
}
