import {
  decodeClientMessage,
  RequestId,
  wireError,
  type ClientMessage,
  type ClientRequest,
  type CloseCodeName,
  type Decoded,
  type ReplyData,
  type RtpCapabilities,
  type WireErrorName,
} from '@parley/protocol';
import * as v from 'valibot';
import type { Device } from './device.ts';
import type { EdgeLimits } from './edge-limits.ts';
import { greet, verifyHello, type GreetingWorld } from './greeting.ts';
import type { ParleySocket } from './parley-socket.ts';
import type { Presence } from './presence.ts';
import type { SharedContent } from './shared-content.ts';
import { WireRefusal } from './wire-refusal.ts';

/** What is needed to decide about a frame. */
export interface DeskWorld extends GreetingWorld {
  readonly limits: EdgeLimits;
  readonly presence: Presence;
  readonly sharedCapabilities: SharedContent<RtpCapabilities>;
  /** The socket is not a stranger's any more. */
  welcomed(socket: ParleySocket): void;
}

/** Reads a frame and sees to it that whoever it is for gets it, in the order of the socket. Never throws. */
export function readFrame(socket: ParleySocket, frame: string | undefined, world: DeskWorld): void {
  const { stage } = socket;
  if (stage.name === 'closed') return;
  if (!socket.takeFrame(world.nowMs(), world.limits)) {
    complain(socket, 'rate-limited', `more than ${world.limits.framesPerSecond} frames a second`);
    return dismiss(socket, 'tooMany');
  }
  if (frame === undefined) return refuseFrame(socket, undefined);
  switch (stage.name) {
    case 'proving':
      if (stage.waiting.length >= world.limits.framesBeforeWelcomeMax) return dismiss(socket, 'tooMany');
      stage.waiting.push(frame);
      return;
    case 'stranger':
      return readStrangers(socket, decodeClientMessage(frame), world);
    case 'device':
      return readDevices(socket, stage.device, decodeClientMessage(frame), world);
  }
}

/** Closes a socket, and lets its device know where it has one. */
export function dismiss(socket: ParleySocket, why: CloseCodeName): void {
  if (socket.stage.name === 'device') socket.stage.device.drop(why);
  else socket.dismiss(why);
}

function readStrangers(socket: ParleySocket, decoded: Decoded<ClientMessage>, world: DeskWorld): void {
  if (!decoded.ok) {
    if (decoded.unknownType) return refuseUnknown(socket, decoded);
    return refuseFrame(socket, decoded);
  }
  const { message } = decoded;
  if (message.type === 'hello') {
    void greetInTurn(socket, message, world);
  } else {
    complain(
      socket,
      'not-registered',
      'the first message is hello',
      'id' in message ? message.id : undefined,
    );
  }
}

/** Greets, then reads what the device has said in the meantime. */
async function greetInTurn(
  socket: ParleySocket,
  hello: Extract<ClientMessage, { type: 'hello' }>,
  world: DeskWorld,
): Promise<void> {
  const waiting: string[] = [];
  socket.stage = { name: 'proving', waiting };
  try {
    await greet(socket, hello, world);
  } catch (err) {
    world.log.error({ err }, 'a greeting failed');
    return socket.dismiss('internal');
  }
  world.welcomed(socket);
  readWaiting(socket, waiting, world);
}

function readWaiting(socket: ParleySocket, waiting: readonly string[], world: DeskWorld): void {
  for (const frame of waiting) {
    // Looked at for every frame: the one before may have been the last.
    if (socket.stage.name !== 'device') return;
    readDevices(socket, socket.stage.device, decodeClientMessage(frame), world);
  }
}

function readDevices(
  socket: ParleySocket,
  device: Device,
  decoded: Decoded<ClientMessage>,
  world: DeskWorld,
): void {
  if (!decoded.ok) {
    if (decoded.unknownType) return refuseUnknown(socket, decoded);
    if (decoded.re === undefined || (socket.malformedCount += 1) > world.limits.malformedMax) {
      return refuseFrame(socket, decoded);
    }
    return complain(socket, 'malformed-frame', decoded.error.message, decoded.re);
  }
  const { message } = decoded;
  device.feed({ type: 'heard' });
  switch (message.type) {
    case 'hello':
      return complain(socket, 'wrong-state', 'hello was said already');
    case 'ping':
      return device.feed(message);
    case 'bye':
    case 'mayReturn':
      return device.feed(message);
    case 'capabilities':
      device.rtpCapabilities = world.sharedCapabilities.share(message.rtpCapabilities);
      return confined(world, () => world.door.capabilitiesKnown(device));
    case 'alerting':
    case 'transportConnect':
    case 'produce':
    case 'producerMuted':
    case 'producerClosed':
    case 'consuming':
    case 'keyFrame':
    case 'preferQuality':
      return confined(world, () => world.door.message(device, message));
    default:
      return device.ask(message);
  }
}

/** Carries a request out: those about the device itself here, those about calls behind the door. */
export async function carryOut(device: Device, message: ClientRequest, world: DeskWorld): Promise<ReplyData> {
  switch (message.type) {
    case 'register':
      if (message.on && !device.grants.incomingAllow) {
        throw new WireRefusal(
          'forbidden',
          'the token does not allow this device to be rung (incoming.allow)',
        );
      }
      device.feed({ type: 'wantsCalls', on: message.on });
      return {};
    case 'watchPresence':
      if (message.on) world.presence.watch(device);
      else world.presence.unwatch(device);
      return {};
    case 'renewToken': {
      const verdict = await verifyHello(message.token, world);
      if (!verdict.ok) throw new WireRefusal(verdict.error.name as WireErrorName, verdict.error.message);
      const { accountSid, identity } = verdict.token;
      if (accountSid !== device.accountSid || identity !== device.identity) {
        throw new WireRefusal('token-invalid', 'the token is for another name or account');
      }
      device.renew(verdict.token);
      return { tokenExpiresInMs: device.tokenExpiresInMs };
    }
    case 'connect':
      if (world.isDraining) throw new WireRefusal('draining', 'this gateway takes no new calls');
      if (device.isTokenExpired)
        throw new WireRefusal('token-expired', 'the token has expired; running calls go on');
      return world.door.request(device, message);
    default:
      return world.door.request(device, message);
  }
}

type Refused = Extract<Decoded<ClientMessage>, { ok: false }>;

/** A newer SDK may say what we do not know: that much is refused, and nothing else is disturbed. */
function refuseUnknown(socket: ParleySocket, decoded: Refused): void {
  complain(socket, 'unknown-message', decoded.error.message, decoded.re);
}

/** A frame that makes no sense and names no request: whoever wrote it speaks something else. */
function refuseFrame(socket: ParleySocket, decoded: Refused | undefined): void {
  complain(socket, 'malformed-frame', decoded?.error.message ?? 'the frame is not text', decoded?.re);
  dismiss(socket, 'malformedFrame');
}

function complain(socket: ParleySocket, name: WireErrorName, message: string, re?: string): void {
  const error = wireError(name, message);
  const request = v.safeParse(RequestId, re);
  if (request.success) socket.say({ type: 'refusal', re: request.output, error });
  else socket.say({ type: 'refusal', error });
}

/** The host of calls must not throw; when it does, that frame is lost and nothing else. */
function confined(world: DeskWorld, tell: () => void): void {
  try {
    tell();
  } catch (err) {
    world.log.error({ err }, 'the host of calls failed');
  }
}
