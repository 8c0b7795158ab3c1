import type { CallFault, CallSid, EndReason, MediaWish, Unnumbered } from '@parley/protocol';
import type { Conference, Gather, HttpMethod, LegEvent } from '@parley/rcml';
import type { Application, CallFacts } from './call-state.ts';
import type { CallStatus, FinalStatus } from './call-status.ts';
import type { EndTone } from './caller-end.ts';
import type { Entrant } from './conference-state.ts';
import type { Contact } from './leg-state.ts';
import type { Millis } from './machine.ts';
import type { Place, TransferId } from './meeting.ts';
import type { PartyId } from './media-plane.ts';
import type { Music } from './music.ts';
import type { Notification } from './notification.ts';
import type { RecordingName, RecordingOrder } from './recording-order.ts';
import type { RecordedParty } from './recording-plane.ts';
import type { Audible, DocumentRequest } from './script-state.ts';
import type { CallDirection, FormFields } from './voice-request.ts';

/** What a device is told, before the shell has put the name of its part in the call. */
export type CallNotice = WithoutCallId<
  Extract<
    Unnumbered,
    {
      type:
        | 'ringing'
        | 'answered'
        | 'screening'
        | 'joined'
        | 'parted'
        | 'participants'
        | 'digits'
        | 'standing'
        | 'message'
        | 'ended';
    }
  >
>;
type WithoutCallId<T> = T extends unknown ? Omit<T, 'callId'> : never;

/** What the shell is asked to do. Data, so that a test can read it and a log can print it. */
export type CallOutput =
  /** Ask for a document; answered by `documentFetched` or `documentFailed` with the same leg and id. */
  | {
      readonly type: 'fetch';
      readonly leg: CallSid;
      readonly fetchId: number;
      readonly request: DocumentRequest;
      /** Everything that is sent. */
      readonly params: FormFields;
    }
  /** Tell the application, whose answer is not waited for: its call is over (D16), or goes on meanwhile. */
  | { readonly type: 'ask'; readonly request: DocumentRequest; readonly params: FormFields }
  /** Who is registered under the name; answered by `devicesFound`. */
  | {
      readonly type: 'findDevices';
      readonly leg: CallSid;
      readonly identity: string;
      /** Who calls, by a plain name, and whether with video: for those who have to be sent for. */
      readonly from: string;
      readonly video: boolean;
    }
  /** Open media for the device, make it ready to be joined with the caller, and let it ring. */
  | {
      readonly type: 'invite';
      readonly leg: CallSid;
      readonly contact: Contact;
      /** Plain names, as the SDK shows them (D12). */
      readonly from: string;
      readonly to: string;
      readonly params: ReadonlyMap<string, string>;
      readonly media: MediaWish;
    }
  | {
      readonly type: 'tell';
      readonly party: PartyId;
      readonly notice: CallNotice;
      /** Goes with `ended`, as the tone it stands for. */
      readonly tone?: EndTone;
    }
  | { readonly type: 'join'; readonly a: PartyId; readonly b: PartyId; readonly video: boolean }
  /** The device's part in the call is over, or never began; free what it holds. Told once, and last, per party. */
  | { readonly type: 'release'; readonly party: PartyId }
  /** Into the conference of this name; answered by `conferenceLeft` with the same visit, unless it is left before. */
  | {
      readonly type: 'enterConference';
      readonly visitId: number;
      readonly name: string;
      readonly entrant: Entrant;
      /** Where its own life is to be told. */
      readonly conference: Conference;
      readonly base: string;
    }
  | { readonly type: 'leaveConference'; readonly party: PartyId }
  /** Keys for whoever she talks with, who is in another call. */
  | { readonly type: 'passDigits'; readonly party: PartyId; readonly digits: string }
  /** Into a transfer, to talk with somebody of another call; answered by `transferOver`, unless it is left before. */
  | {
      readonly type: 'enterTransfer';
      readonly transferId: TransferId;
      readonly caller: Contact;
      /** Why nobody took the call. */
      readonly failed?: EndReason;
    }
  | {
      readonly type: 'leaveTransfer';
      readonly transferId: TransferId;
      readonly why: 'answered' | 'left';
    }
  | {
      readonly type: 'play';
      readonly leg: CallSid;
      readonly party: PartyId;
      readonly playId: number;
      readonly prompt: Audible;
      readonly base: string;
    }
  | { readonly type: 'stopPlaying'; readonly leg: CallSid; readonly party: PartyId; readonly playId: number }
  /** What the party says is to be understood; answered by `heard` with the same id, until it is stopped. */
  | {
      readonly type: 'listen';
      readonly leg: CallSid;
      readonly party: PartyId;
      readonly listenId: number;
      readonly verb: Gather;
    }
  | {
      readonly type: 'stopListening';
      readonly leg: CallSid;
      readonly party: PartyId;
      readonly listenId: number;
    }
  /**
   * From now on the party hears this, over and over; null ends it at once. One thing at a time: the later counts. Asking
   * twice is fine, also to end what does not play.
   */
  | {
      readonly type: 'music';
      readonly leg: CallSid;
      readonly party: PartyId;
      readonly music: Music | null;
    }
  /** Begin to write what is said; answered by `recordingEnded`, however it ends, unless the call is over before. */
  | {
      readonly type: 'startRecording';
      readonly leg: CallSid;
      readonly recording: RecordingName;
      readonly order: RecordingOrder;
    }
  | { readonly type: 'addToRecording'; readonly recordingSid: string; readonly party: RecordedParty }
  | { readonly type: 'removeFromRecording'; readonly recordingSid: string; readonly party: PartyId }
  /** Asking twice is fine, also for one that is over. */
  | { readonly type: 'stopRecording'; readonly recordingSid: string }
  /**
   * Tell the application of a `<Record>` whose person has left, once the recording is whole: with the parameters of the
   * recording, and not at all if nothing was said.
   */
  | {
      readonly type: 'askRecorded';
      readonly leg: CallSid;
      readonly recordingSid: string;
      readonly request: DocumentRequest;
      readonly params: FormFields;
    }
  | {
      readonly type: 'callback';
      readonly leg: CallSid;
      readonly sequence: number;
      /** As written; resolves against `base` (CL6). */
      readonly url: string;
      readonly base: string;
      readonly method: HttpMethod;
      readonly event: LegEvent;
      readonly params: FormFields;
    }
  | { readonly type: 'record'; readonly leg: CallSid; readonly change: LegChange }
  | (Notification & { readonly leg: CallSid })
  /** A talking leg leaves this call, with its device, and goes on as a call of its own (D27). */
  | {
      readonly type: 'detach';
      /** Whom it talked with. */
      readonly from: PartyId;
      readonly facts: CallFacts & { readonly application: Application };
      readonly answeredMs: Millis;
      /** Where she goes on, in place of a document: she is handed over, or hands over. */
      readonly place?: Place;
    }
  /** Everything is over: the last output of a call. */
  | { readonly type: 'callEnded' };

/** What is worth keeping about a leg. */
export type LegChange =
  | {
      readonly type: 'opened';
      readonly parentSid: CallSid | null;
      readonly from: string;
      readonly to: string;
      readonly direction: CallDirection;
      readonly status: CallStatus;
      /** Which application decides about it. */
      readonly applicationSid?: string;
      /** What its callbacks carry, so that a crash can still report its end (D9). */
      readonly callback?: {
        readonly url: string;
        readonly base: string;
        readonly method: HttpMethod;
        readonly wantsCompleted: boolean;
        readonly params: FormFields;
      };
    }
  | { readonly type: 'status'; readonly status: CallStatus }
  | { readonly type: 'answered'; readonly atMs: Millis; readonly by?: string }
  | {
      readonly type: 'ended';
      readonly status: FinalStatus;
      readonly reason: string;
      readonly atMs: Millis;
      readonly durationMs: Millis;
      readonly fault?: CallFault;
    };
