import type { OwnedMediaPlane } from '@parley/media-mediasoup';
import type { CallSid } from '@parley/protocol';
import { FakeMediaPlane } from '@parley/testkit';
import { readConfig } from '../src/config.ts';
import { createGateway, type Gateway } from '../src/gateway.ts';
import { createLog } from '../src/log.ts';
import type {
  CallChange,
  CallControl,
  CallOrder,
  CallRefusal,
  ParticipantChange,
  ParticipantFacts,
} from '../src/rest/call-control.ts';
import type { RefusalJson } from '../src/rest/rest-refusal.ts';
import { newSid } from '../src/store/sid.ts';
import type { Store } from '../src/store/store.ts';

/** An SFU that moves nothing, as a gateway owns one. */
export class OwnedFakePlane extends FakeMediaPlane implements OwnedMediaPlane {
  readonly health = { workersWanted: 1, workersAlive: 1, workerRestarts: 0 };
  async workerUsage() {
    return [];
  }
  tap() {
    return undefined;
  }
  async [Symbol.asyncDispose]() {}
}

/** A host of calls that does what it is told, at once, in the table alone; or refuses, where the test says so. */
export class FakeCallControl implements CallControl {
  readonly orders: CallOrder[] = [];
  readonly changes: { sid: string; change: CallChange }[] = [];
  readonly participantChanges: { sid: string; callSid: string; change: ParticipantChange | 'removed' }[] = [];
  refusal: CallRefusal | undefined;
  /** Done when the change arrives, before it is answered. */
  meanwhile: ((sid: string) => void) | undefined;
  participantFacts: ParticipantFacts[] = [];
  store: Store | undefined;

  async create(order: CallOrder): Promise<CallSid | CallRefusal> {
    this.orders.push(order);
    if (this.refusal !== undefined) return this.refusal;
    const sid = newSid('CA') as CallSid;
    this.store?.calls.open({
      sid,
      accountSid: order.accountSid,
      applicationSid: order.applicationSid ?? null,
      from: order.from,
      to: `client:${order.to.identity}`,
      direction: 'outbound-api',
      status: 'ringing',
      createdAtMs: Date.now(),
    });
    return sid;
  }

  async modify(_account: string, sid: CallSid, change: CallChange): Promise<'done' | CallRefusal> {
    this.changes.push({ sid, change });
    this.meanwhile?.(sid);
    if (this.refusal !== undefined) return this.refusal;
    if (change.type === 'end') this.end(sid, change.status);
    return 'done';
  }

  end(sid: string, status: 'completed' | 'canceled'): void {
    const end = { status, endedAtMs: Date.now(), durationSeconds: 0, endReason: 'hangup' };
    this.store?.calls.end(sid, end);
  }

  readonly conferences = {
    end: async () => this.refusal ?? ('done' as const),
    participants: () => this.participantFacts,
    setParticipant: async (_account: string, sid: string, callSid: CallSid, change: ParticipantChange) => {
      this.participantChanges.push({ sid, callSid, change });
      return this.refusal ?? ('done' as const);
    },
    removeParticipant: async (_account: string, sid: string, callSid: CallSid) => {
      this.participantChanges.push({ sid, callSid, change: 'removed' });
      return this.refusal ?? ('done' as const);
    },
  };
}

export const ACCOUNT = { sid: `AC${'a1'.repeat(16)}`, authToken: 'b2'.repeat(16) } as const;

/** What was answered, with its body read. */
export interface Answer<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface AskOptions {
  readonly method?: string;
  readonly form?: Readonly<Record<string, string | readonly string[]>>;
  readonly credentials?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A gateway with an account, and what a program that knows its token can ask. */
export class RestGateway implements AsyncDisposable {
  readonly gateway: Gateway;
  readonly control: FakeCallControl;
  readonly log: readonly string[];

  private constructor(gateway: Gateway, control: FakeCallControl, log: readonly string[]) {
    this.gateway = gateway;
    this.control = control;
    this.log = log;
  }

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<RestGateway> {
    const control = new FakeCallControl();
    const log: string[] = [];
    const gateway = await createGateway({
      config: readConfig({
        PARLEY_PORT: '0',
        PARLEY_DATA: ':memory:',
        PARLEY_DEMO: 'off',
        PARLEY_ACCOUNT_SID: ACCOUNT.sid,
        PARLEY_AUTH_TOKEN: ACCOUNT.authToken,
        ...settings,
      }),
      log: createLog({ level: 'debug', destination: { write: (line) => log.push(line) }, isPretty: false }),
      media: new OwnedFakePlane(),
      callControl: control,
    });
    control.store = gateway.store;
    return new RestGateway(gateway, control, log);
  }

  get store(): Store {
    return this.gateway.store;
  }

  get url(): string {
    return this.gateway.url;
  }

  /** Asks for a path below the account, as `/Calls.json`. */
  ask<Body = Record<string, unknown>>(path: string, options: AskOptions = {}): Promise<Answer<Body>> {
    return this.askAt(`/2012-04-24/Accounts/${ACCOUNT.sid}${path}`, options);
  }

  async askAt<Body = Record<string, unknown>>(path: string, options: AskOptions = {}): Promise<Answer<Body>> {
    const { form, credentials = `${ACCOUNT.sid}:${ACCOUNT.authToken}`, headers } = options;
    const body = form === undefined ? null : formOf(form);
    const response = await fetch(`${this.url}${path}`, {
      method: options.method ?? (body === null ? 'GET' : 'POST'),
      headers: {
        ...(credentials === '' ? {} : { authorization: `Basic ${btoa(credentials)}` }),
        ...headers,
      },
      body,
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
  }

  /** Asks for what is to be refused. */
  refused(path: string, options: AskOptions = {}): Promise<Answer<RefusalJson>> {
    return this.ask<RefusalJson>(path, options);
  }

  /** Puts a call into the table. */
  addCall(call: Partial<Parameters<Store['calls']['open']>[0]> = {}): string {
    const sid = call.sid ?? newSid('CA');
    this.store.calls.open({
      accountSid: ACCOUNT.sid,
      from: 'client:alice',
      to: 'client:jenny',
      direction: 'inbound',
      status: 'ringing',
      createdAtMs: Date.now(),
      ...call,
      sid,
    });
    return sid;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.gateway[Symbol.asyncDispose]();
  }
}

function formOf(fields: NonNullable<AskOptions['form']>): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields))
    for (const one of [value].flat()) form.append(name, one);
  return form;
}
