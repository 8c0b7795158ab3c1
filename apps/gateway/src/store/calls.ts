import type { CallStatus, FinalStatus } from './call-status.ts';
import type { FormParams } from '../out/form-params.ts';

/** Where a leg's life is reported; kept with the leg, so that a crash can still report its end. */
export interface CallbackSubscription {
  /** Absolute. */
  readonly url: string;
  readonly method: 'GET' | 'POST';
  /** Whether the end is among the events asked for. */
  readonly wantsCompleted: boolean;
  /** What every callback of this leg carries: AccountSid, CallSid, From, To and so on. */
  readonly params: FormParams;
}

/** One leg as it is kept. */
export interface CallRecord {
  readonly sid: string;
  readonly accountSid: string;
  /** The caller's leg, for one that was dialled. */
  readonly parentSid: string | null;
  readonly applicationSid: string | null;
  readonly from: string;
  readonly to: string;
  readonly direction: 'inbound' | 'outbound-dial' | 'outbound-api';
  readonly status: CallStatus;
  readonly createdAtMs: number;
  readonly answeredAtMs: number | null;
  readonly endedAtMs: number | null;
  /** From pick-up to the end; 0 for a leg never answered, null while it lives. */
  readonly durationSeconds: number | null;
  readonly endReason: string | null;
  /** Whatever else is worth knowing: the device's label, who won, quality. */
  readonly annotations: Readonly<Record<string, unknown>>;
  readonly callback: CallbackSubscription | null;
}

/** A leg that begins. */
export interface NewCall {
  readonly sid: string;
  readonly accountSid: string;
  readonly parentSid?: string | null;
  readonly applicationSid?: string | null;
  readonly from: string;
  readonly to: string;
  readonly direction: CallRecord['direction'];
  readonly status: CallStatus;
  readonly createdAtMs: number;
  readonly annotations?: Readonly<Record<string, unknown>>;
  readonly callback?: CallbackSubscription | null;
}

/** How a leg ended. */
export interface CallEnd {
  readonly status: FinalStatus;
  readonly endedAtMs: number;
  readonly durationSeconds: number;
  readonly endReason: string;
  /** Added to those it has. */
  readonly annotations?: Readonly<Record<string, unknown>>;
}

/** Which calls, newest first. */
export interface CallFilter {
  readonly accountSid: string;
  readonly status?: CallStatus;
  readonly from?: string;
  readonly to?: string;
  readonly parentSid?: string;
  /** Created at this time or later. */
  readonly createdFromMs?: number;
  /** Created before this time. */
  readonly createdBeforeMs?: number;
  readonly offset: number;
  readonly limit: number;
}

/** The legs, past and present. What is written joins the transaction of this turn of the event loop. */
export interface Calls {
  open(call: NewCall): void;
  setStatus(sid: string, status: CallStatus): void;
  /** Sets `in-progress` and the time of pick-up. */
  answered(sid: string, atMs: number): void;
  /** The first end counts; asking twice is fine. */
  end(sid: string, end: CallEnd): void;
  annotate(sid: string, annotations: Readonly<Record<string, unknown>>): void;
  find(accountSid: string, sid: string): CallRecord | undefined;
  list(filter: CallFilter): { readonly calls: readonly CallRecord[]; readonly total: number };
}
