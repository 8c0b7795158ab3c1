import type { CallId, CallPhase, CallSid, CallSnapshot, Party } from '@parley/protocol';
import type { CallNotice, PartyId } from '@parley/switchboard';
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
  /** The device has heard of the call; one that has not is told nothing of its end either. */
  isTold: boolean;
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
      return;
    case 'screening':
      part.phase = 'screening';
      return;
    case 'joined':
      part.phase = 'joined';
      part.other = notice.other;
      part.video = notice.video;
      return;
    case 'digits':
    case 'ended':
      return;
  }
}

export function snapshotOf(part: Part): CallSnapshot {
  const { callId, callSid, direction, phase, params, video, other } = part;
  const snapshot: CallSnapshot = { callId, callSid, direction, phase, params: { ...params }, video };
  return other === undefined ? snapshot : { ...snapshot, other };
}
