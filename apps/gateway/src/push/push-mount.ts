import type { IncomingMessage, ServerResponse } from 'node:http';
import { PushDecline } from '@parley/protocol';
import * as v from 'valibot';
import { clientAddress } from '../edge/client-address.ts';
import type { HttpExchange, HttpMount } from '../edge/http-edge.ts';
import { answerComplaint, answerJson, type HttpComplaint } from '../edge/json-answer.ts';
import type { KeyRing } from '../edge/key-ring.ts';
import { isOriginAllowed, type OriginRule } from '../edge/origin.ts';
import { RateByKey } from '../edge/rate-by-key.ts';
import type { VerifiedToken } from '../edge/token-grants.ts';
import { verifyToken } from '../edge/token.ts';
import type { AddressGuard } from '../out/address-guard.ts';
import type { PushAddresses } from '../store/push-addresses.ts';
import type { PushDeclines } from './push-declines.ts';

/** Beside the socket, so that whoever lets a proxy pass one lets it pass the other. */
export const PUSH_PATH = '/parley/push';

const DECLINE_PATH = `${PUSH_PATH}/decline`;
/** What is answered at each. */
const METHODS: ReadonlyMap<string, readonly string[]> = new Map([
  [PUSH_PATH, ['GET', 'POST', 'DELETE']],
  [DECLINE_PATH, ['POST']],
]);

/** Of one person; further ones take the place of the oldest. */
export const PUSH_DEVICES_MAX = 8;
const BODY_BYTES_MAX = 4 * 1024;
const TOKEN_SKEW_MS = 60_000;
const RATE = { perMinute: 60, burst: 20 };

const Endpoint = v.pipe(v.string(), v.url(), v.maxLength(2048));
const Saved = v.object({
  subscription: v.object({
    endpoint: Endpoint,
    keys: v.object({
      p256dh: v.pipe(v.string(), v.regex(/^[\w-]{87}=?$/, 'expected 65 bytes as base64url')),
      auth: v.pipe(v.string(), v.regex(/^[\w-]{22}(==)?$/, 'expected 16 bytes as base64url')),
    }),
  }),
});
const Removed = v.object({ endpoint: Endpoint });

interface PushMountOptions {
  readonly addresses: Pick<PushAddresses, 'save' | 'remove'>;
  readonly declines: Pick<PushDeclines, 'take'>;
  readonly publicKey: string;
  readonly keys: KeyRing;
  readonly guard: Pick<AddressGuard, 'check'>;
  readonly origins: OriginRule;
  readonly nowMs: () => number;
}

/**
 * Where pages say how their person can be reached while they are closed.
 *
 * | | |
 * |---|---|
 * | `GET` | the key to subscribe with: `{ publicKey }` |
 * | `POST { subscription }` | saves what `pushManager.subscribe` gave, for the person of the token |
 * | `DELETE { endpoint }` | forgets it |
 *
 * The last two carry an access token, `Authorization: Bearer …`, which must allow incoming calls.
 *
 * `POST { callSid, secret }` to `/decline` below it declines a call: from a service worker, which has no token at hand, and
 * in its place what the push has brought it.
 */
export function createPushMount(options: PushMountOptions): HttpMount {
  const rate = new RateByKey(RATE);
  return {
    prefix: PUSH_PATH,
    bodyBytesMax: BODY_BYTES_MAX,
    async handle(exchange) {
      const { request, response, url } = exchange;
      const methods = METHODS.get(url.pathname);
      if (methods === undefined) return refuse(response, 404, 'not-found', 'there is nothing at this path');
      if (!isOriginAllowed(request, options.origins))
        return refuse(response, 403, 'forbidden', 'pages of this origin are not let in');
      allow(request, response, methods);
      if (request.method === 'OPTIONS') {
        response.writeHead(204).end();
        return;
      }
      const waitMs = rate.take(clientAddress(request, options.origins.trustProxy), options.nowMs());
      if (waitMs > 0) {
        response.setHeader('Retry-After', Math.ceil(waitMs / 1000));
        return refuse(response, 429, 'rate-limited', 'that was too much at once');
      }
      if (!methods.includes(request.method ?? '')) {
        response.setHeader('Allow', [...methods, 'OPTIONS'].join(', '));
        return refuse(response, 405, 'method-not-allowed', `${methods.join(', ')} are answered here`);
      }
      if (url.pathname === DECLINE_PATH) return decline(exchange, options);
      if (request.method === 'GET') return answerJson(response, 200, { publicKey: options.publicKey });
      return change(exchange, options);
    },
  };
}

/** The same answer to what is unknown, used up and late: nobody learns which calls there are. */
function decline({ response, body }: HttpExchange, { declines }: PushMountOptions): void {
  const said = v.safeParse(PushDecline, parsed(body));
  if (!said.success)
    return refuse(response, 400, 'bad-decline', 'expected { callSid, secret }, as they came');
  if (!declines.take(said.output))
    return refuse(response, 404, 'unknown-call', 'there is nothing to decline by that, or not any more');
  answerJson(response, 200, {});
}

async function change({ request, response, body }: HttpExchange, options: PushMountOptions): Promise<void> {
  const verdict = await holderOf(request, options);
  if ('status' in verdict) return answerComplaint(response, verdict);
  const { accountSid, identity } = verdict;
  const said = parsed(body);
  if (request.method === 'DELETE') {
    const removed = v.safeParse(Removed, said);
    if (!removed.success) return refuse(response, 400, 'bad-subscription', v.summarize(removed.issues));
    options.addresses.remove({ accountSid, identity, endpoint: removed.output.endpoint });
    return answerJson(response, 200, {});
  }
  const saved = v.safeParse(Saved, said);
  if (!saved.success) return refuse(response, 400, 'bad-subscription', v.summarize(saved.issues));
  const { endpoint, keys } = saved.output.subscription;
  const refused = options.guard.check(new URL(endpoint));
  if (refused !== undefined) return refuse(response, 400, 'bad-subscription', refused.message);
  options.addresses.save(
    { accountSid, identity, endpoint, p256dh: unpadded(keys.p256dh), auth: unpadded(keys.auth) },
    options.nowMs(),
    PUSH_DEVICES_MAX,
  );
  answerJson(response, 201, {});
}

async function holderOf(
  request: IncomingMessage,
  { keys, nowMs }: PushMountOptions,
): Promise<VerifiedToken | HttpComplaint> {
  const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined)
    return {
      status: 401,
      name: 'token-invalid',
      message: 'an access token is needed: Authorization: Bearer …',
    };
  const verdict = await verifyToken(token, keys, { wallMs: nowMs(), skewMs: TOKEN_SKEW_MS });
  if (!verdict.ok) return { status: 401, name: verdict.error.name, message: verdict.error.message };
  if (!verdict.token.grants.incomingAllow)
    return { status: 403, name: 'forbidden', message: 'the token does not allow incoming calls' };
  return verdict.token;
}

/** For pages of other origins that are let in. */
function allow(
  { headers: { origin } }: IncomingMessage,
  response: ServerResponse,
  methods: readonly string[],
): void {
  if (origin === undefined) return;
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Allow-Methods', methods.join(', '));
  response.setHeader('Access-Control-Allow-Headers', 'Authorization, Content-Type');
  response.setHeader('Vary', 'Origin');
}

function refuse(response: ServerResponse, status: number, name: string, message: string): void {
  answerComplaint(response, { status, name, message });
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function unpadded(base64url: string): string {
  return base64url.replace(/=+$/, '');
}
