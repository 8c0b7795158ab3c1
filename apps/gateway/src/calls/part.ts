import type { CallId, CallPhase, CallSid, CallSnapshot, Party, Standing } from '@parley/protocol';
import { partyId, type CallFacts, type CallNotice, type PartyId } from '@parley/switchboard';
import type { DeviceSession } from '../edge/device-session.ts';

/** One device's part in one call, from the moment it is known to be told about it. */
export interface Part {
  readonly party: PartyId;
  readonly callId: CallId;
  readonly device: DeviceSession;
  readonly direction: 'incoming' | 'outgoing';
  callSid: CallSid;
  params: Readonly<Record<string, string>>;
  video: boolean;
  phase: CallPhase;
  other: Party | undefined;
  /** How it stands with the other it is joined with, as far as anything has been said. */
  standing?: Standing | undefined;
  /** The device has heard of the call; one that has not is told nothing of its end either. */
  isTold: boolean;
}

/** The part of the device that places a call: it knows of it before anybody else. */
export function placedPart(facts: CallFacts, device: DeviceSession, callId: CallId): Part {
  return {
    party: facts.caller.party,
    callId,
    device,
    direction: 'outgoing',
    callSid: facts.sid,
    params: facts.params,
    video: facts.video,
    phase: 'calling',
    other: undefined,
    isTold: true,
  };
}

/** The part of a device that is rung; it hears of it when its media are ready. */
export function rungPart(leg: CallSid, device: DeviceSession, callId: CallId): Part {
  return {
    party: partyId(device.id, callId),
    callId,
    device,
    direction: 'incoming',
    callSid: leg,
    params: {},
    video: false,
    phase: 'ringing',
    other: undefined,
    isTold: false,
  };
}

/** Whoever is at this device, as others may know her. */
export function personOf({ identity, label }: DeviceSession): Party {
  return label === undefined ? { identity } : { identity, deviceLabel: label };
}

/** Keeps the part's phase in step with what its device is told, for a device that comes back. */
export function follow(part: Part, notice: CallNotice): void {
  switch (notice.type) {
    case 'ringing':
      part.phase = 'ringing';
      return;
    case 'answered':
    case 'parted':
      part.phase = 'answered';
      part.other = undefined;
      part.standing = undefined;
      return;
    case 'screening':
      part.phase = 'screening';
      return;
    case 'joined':
      part.phase = 'joined';
      part.other = notice.other;
      part.video = notice.video;
      part.standing = undefined;
      return;
    case 'standing':
      part.standing = notice.standing;
      part.video = notice.standing.video;
      return;
    case 'participants':
    case 'digits':
    case 'message':
    case 'ended':
      return;
  }
}

export function snapshotOf(part: Part): CallSnapshot {
  const { callId, callSid, direction, phase, params, video, other, standing } = part;
  return {
    ...{ callId, callSid, direction, phase, params: { ...params }, video },
    ...(other === undefined ? {} : { other }),
    ...(standing === undefined ? {} : { standing }),
  };
}
