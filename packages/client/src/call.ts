import type { AcceptOptions, CallEnd, CallEvents, CallMedia, CallParameters, CallSnapshot, CallStats, CallStatus, ReadableStore, RejectOptions } from './api.ts';
import { Listenable } from './emitter.ts';

/** One call, from this device's point of view. */
export class Call extends Listenable<CallEvents> {
  /** @internal */
  constructor() {
    super(() => undefined);
  }
  declare readonly callId: string;
  declare readonly direction: 'incoming' | 'outgoing';
  declare readonly parameters: CallParameters;
  declare readonly customParameters: ReadonlyMap<string, string>;
  declare status: () => CallStatus;
  declare accept: (options?: AcceptOptions) => Promise<void>;
  declare reject: (options?: RejectOptions) => void;
  declare ignore: () => void;
  declare disconnect: () => Promise<CallEnd>;
  declare mute: (on?: boolean) => void;
  declare isMuted: () => boolean;
  /** Switches one's own picture off (the camera is closed) and on (it is opened again). */
  declare muteVideo: (on?: boolean) => Promise<void>;
  declare isVideoMuted: () => boolean;
  declare sendDigits: (digits: string) => Promise<void>;
  /** Settles once, always, and never rejects. */
  declare readonly ended: Promise<CallEnd>;
  declare readonly media: CallMedia;
  declare getStats: () => Promise<CallStats>;
  declare readonly store: ReadableStore<CallSnapshot>;
}
