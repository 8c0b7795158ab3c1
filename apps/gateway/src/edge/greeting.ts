import { randomBytes } from 'node:crypto';
import {
  SessionId,
  WIRE_VERSION,
  wireError,
  type ClientMessageOf,
  type CloseCodeName,
  type WireError,
} from '@parley/protocol';
import * as v from 'valibot';
import type { SharedContent } from './shared-content.ts';
import { Device, type DeviceWorld } from './device.ts';
import type { KeyRing } from './key-ring.ts';
import type { ParleySocket } from './parley-socket.ts';
import type { ResumeTokens } from './resume-token.ts';
import type { TokenGrants, VerifiedToken } from './token-grants.ts';
import { verifyToken, type TokenVerdict } from './token.ts';

/** What is needed to decide about a hello. */
export interface GreetingWorld extends DeviceWorld {
  readonly keys: KeyRing;
  readonly resumeTokens: ResumeTokens;
  readonly sharedGrants: SharedContent<TokenGrants>;
  readonly devicesPerIdentityMax: number;
  readonly isDraining: boolean;
  wallMs(): number;
}

/** A socket that is not let in: why, for a developer, and which close code. */
interface Refused {
  readonly error: WireError;
  readonly close: CloseCodeName;
}

type Hello = ClientMessageOf<'hello'>;

/**
 * Answers the first frame of a socket: takes up the session it names, or begins one, or refuses. Never rejects. The
 * socket must be `proving`; when it is not any more after the token was checked, it has closed, and nothing is done.
 */
export async function greet(socket: ParleySocket, hello: Hello, world: GreetingWorld): Promise<void> {
  if (hello.version !== WIRE_VERSION) {
    const error = wireError('unsupported-version', `the wire spoken here has version ${WIRE_VERSION}`);
    return refuse(socket, { error, close: 'unsupportedVersion' });
  }
  const verdict = await verifyHello(hello.token, world);
  if (socket.stage.name !== 'proving') return;
  if (resume(socket, hello, verdict, world)) return;
  const refused = refusalOf(verdict, world);
  if (refused !== undefined) return refuse(socket, refused);
  if (verdict.ok) begin(socket, hello, verdict.token, world);
}

/** Verifies a token, and shares the grants it holds with all tokens that hold the same. */
export async function verifyHello(token: string, world: GreetingWorld): Promise<TokenVerdict> {
  const clock = { wallMs: world.wallMs(), skewMs: world.session.clockSkewMs };
  const verdict = await verifyToken(token, world.keys, clock);
  if (!verdict.ok) return verdict;
  return { ok: true, token: { ...verdict.token, grants: world.sharedGrants.share(verdict.token.grants) } };
}

/**
 * Goes on with a session whose resume token is presented. The access token is looked at too, with one leniency: that it
 * has run out does not matter to a session that began with it, because expiry must never end a call.
 */
function resume(socket: ParleySocket, hello: Hello, verdict: TokenVerdict, world: GreetingWorld): boolean {
  if (hello.resume === undefined) return false;
  const { sessionId, resumeToken, lastSeq } = hello.resume;
  if (!world.resumeTokens.proves(sessionId, resumeToken)) return false;
  const device = world.registry.find(sessionId);
  if (device === undefined) return false;
  if (verdict.ok) {
    const { accountSid, identity } = verdict.token;
    if (device.accountSid !== accountSid || device.identity !== identity) return false;
    device.renew(verdict.token);
  } else if (verdict.error.name !== 'token-expired') {
    return false;
  }
  device.feed({ type: 'wantsCalls', on: hello.register });
  return device.resume(socket, lastSeq);
}

function refusalOf(verdict: TokenVerdict, world: GreetingWorld): Refused | undefined {
  if (!verdict.ok) {
    const close = verdict.error.name === 'token-expired' ? 'tokenExpired' : 'tokenRefused';
    return { error: verdict.error, close };
  }
  if (world.isDraining) {
    return { error: wireError('draining', 'this gateway is going out of service'), close: 'draining' };
  }
  const { accountSid, identity } = verdict.token;
  if (world.registry.all(accountSid, identity).length >= world.devicesPerIdentityMax) {
    const error = wireError('too-many', `one name has at most ${world.devicesPerIdentityMax} devices`);
    return { error, close: 'tooMany' };
  }
  return undefined;
}

function begin(socket: ParleySocket, hello: Hello, token: VerifiedToken, world: GreetingWorld): void {
  const id = v.parse(SessionId, `SE${randomBytes(15).toString('base64url')}`);
  const { label } = hello.device;
  new Device({ id, token, label, wantsCalls: hello.register }, socket, world).begin();
}

function refuse(socket: ParleySocket, refused: Refused): void {
  socket.say({ type: 'refusal', error: refused.error });
  socket.dismiss(refused.close);
}
