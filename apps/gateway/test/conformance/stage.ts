import assert from 'node:assert/strict';
import type { Call, ConnectOptions } from '@parley/client';
import { createPhone, type PhoneOptions } from '@parley/testkit';
import { readConfig } from '../../src/config.ts';
import { mintToken, type TokenOrder } from '../../src/edge/token.ts';
import { createGateway, type Gateway } from '../../src/gateway.ts';
import { createLog } from '../../src/log.ts';
import type { CallRecord } from '../../src/store/calls.ts';
import type { NotificationRecord } from '../../src/store/notifications.ts';
import type { RecordingRecord } from '../../src/store/recordings.ts';
import { Application, type Answer, type Asked, type Handler } from './application.ts';
import { become, soon } from './soon.ts';
import { StagedPlane } from './staged-plane.ts';
import { StagedRecorder } from './staged-recorder.ts';
import { TestPhone } from './test-phone.ts';

export const ACCOUNT = { sid: `AC${'5'.repeat(32)}`, authToken: 'an auth token that is long enough' };

/** Every event of a leg, told to `/events`. */
export const EVENTS = 'statusCallback="/events" statusCallbackEvent="initiated ringing answered completed"';

export interface StageOptions {
  /** The real SFU instead of a plane without media. */
  readonly media?: 'fake' | 'real';
  readonly storePath?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly graceMs?: number;
  /** The path of a document for when one fails. */
  readonly fallback?: string;
  /** Callbacks that cannot be delivered are what the test is about. */
  readonly leavesCallbacks?: boolean;
  /** What the gateway may log as its own failure. */
  readonly expectedFailure?: string;
}

interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly notificationSid?: string;
}

const ERROR = 50;

/**
 * A gateway, the application behind it, and phones: everything real but the packets. When it is taken down it makes
 * sure that nothing was left behind: no call, no party, no transport, no open leg in the store, no callback unsent.
 */
export class Stage implements AsyncDisposable {
  readonly gateway: Gateway;
  readonly application: Application;
  readonly media: StagedPlane | undefined;
  readonly recorder: StagedRecorder;
  readonly #log: LogLine[];
  readonly #options: StageOptions;
  readonly #phones: TestPhone[] = [];
  readonly #lose = new Set<() => void>();
  #isDrained = false;

  private constructor(
    parts: Pick<Stage, 'gateway' | 'application' | 'media' | 'recorder'> & { readonly log: LogLine[] },
    options: StageOptions,
  ) {
    this.gateway = parts.gateway;
    this.application = parts.application;
    this.media = parts.media;
    this.recorder = parts.recorder;
    this.#log = parts.log;
    this.#options = options;
  }

  /** Starts one. `voice` is what every call is answered with, or decides. */
  static async open(voice: Answer | Handler, options: StageOptions = {}): Promise<Stage> {
    const application = await Application.start();
    application.on('/voice', voice);
    const media = options.media === 'real' ? undefined : new StagedPlane();
    const log: LogLine[] = [];
    const config = readConfig({
      PARLEY_PORT: '0',
      PARLEY_DATA: ':memory:',
      PARLEY_DEMO: 'off',
      PARLEY_ACCOUNT_SID: ACCOUNT.sid,
      PARLEY_AUTH_TOKEN: ACCOUNT.authToken,
      PARLEY_VOICE_URL: application.url('/voice'),
      PARLEY_ALLOW: application.host,
      PARLEY_MEDIA_PORT: '0',
      PARLEY_MEDIA_ADDRESSES: '127.0.0.1',
      PARLEY_WORKERS: '1',
      ...(process.env['MEDIASOUP_WORKER_BIN'] && {
        MEDIASOUP_WORKER_BIN: process.env['MEDIASOUP_WORKER_BIN'],
      }),
      ...(options.fallback !== undefined && {
        PARLEY_VOICE_FALLBACK_URL: application.url(options.fallback),
      }),
      ...options.environment,
    });
    const recorder = new StagedRecorder(config.recordings.directory ?? '/recordings');
    const gateway = await createGateway({
      config: {
        ...config,
        storePath: options.storePath ?? config.storePath,
        graceMs: options.graceMs ?? config.graceMs,
      },
      log: createLog({
        level: 'info',
        isPretty: false,
        destination: { write: (line: string) => void log.push(JSON.parse(line) as LogLine) },
      }),
      ...(media && { media }),
      recorder,
    });
    return new Stage({ gateway, application, media, recorder, log }, options);
  }

  get socketUrl(): string {
    return `${this.gateway.url.replace('http', 'ws')}/parley`;
  }

  token(identity: string, order: Partial<TokenOrder> = {}): Promise<string> {
    return mintToken({
      identity,
      issuer: ACCOUNT.sid,
      secret: ACCOUNT.authToken,
      ttlSeconds: 600,
      incoming: true,
      outgoing: true,
      ...order,
    });
  }

  /** A registered phone. */
  async phone(
    name: string,
    options: Partial<PhoneOptions> & { readonly grants?: Partial<TokenOrder> } = {},
  ): Promise<TestPhone> {
    const { grants, ...rest } = options;
    const token = await this.token(name, grants);
    const phone = new TestPhone(
      name,
      createPhone({
        url: this.socketUrl,
        token,
        logLevel: 'error',
        onSocket: (lose) => this.#lose.add(lose),
        ...rest,
      }),
    );
    this.#phones.push(phone);
    await phone.device.register();
    return phone;
  }

  /** Every phone loses its socket, as in a network that goes away for a moment. */
  dropSockets(): void {
    for (const lose of this.#lose) lose();
    this.#lose.clear();
  }

  /** Several registered phones, one a name. */
  phones<const Names extends readonly string[]>(
    ...names: Names
  ): Promise<{ [Index in keyof Names]: TestPhone }> {
    return Promise.all(names.map((name) => this.phone(name))) as Promise<{
      [Index in keyof Names]: TestPhone;
    }>;
  }

  /** Alice calls. Her phone is made when there is none. */
  async alice(to = 'jenny', options: ConnectOptions = {}): Promise<Call> {
    const alice = this.#phones.find(({ name }) => name === 'alice') ?? (await this.phone('alice'));
    return alice.device.connect({ to, ...options });
  }

  /** Resolves when no call is up and every callback was taken. */
  async quiet(): Promise<void> {
    await become(
      () => {
        const { calls, media, outbox } = this.gateway.counts();
        // What was being opened when its call ended is given back when it is there.
        if (calls.calls === 0 && media.transports > 0) return false;
        if (this.gateway.store.recordings.unfinished().length > 0) return false;
        return calls.calls === 0 && (outbox.pending === 0 || this.#options.leavesCallbacks === true);
      },
      () => `the end of all calls and callbacks: ${JSON.stringify(this.gateway.counts())}`,
    );
  }

  /** The status callbacks so far, each `who: sequence event status`, by leg in the order the legs were opened. */
  async story(): Promise<readonly string[]> {
    await this.quiet();
    const legs = this.legs();
    return legs.flatMap((leg) =>
      this.storyOf(leg.sid).map((line) => `${leg.to.replace('client:', '')}: ${line}`),
    );
  }

  /** The callbacks of one leg in the order they came. */
  storyOf(sid: string): readonly string[] {
    return this.application.callbacks
      .filter(({ params }) => params['CallSid'] === sid)
      .map(({ params }) => `${params['SequenceNumber']} ${params['CallEvent']} ${params['CallStatus']}`);
  }

  /** The callback of this event to the client of this name. */
  callback(name: string, event: string): Promise<Asked> {
    return soon(
      () =>
        this.application.callbacks.find(
          ({ params }) => params['To'] === `client:${name}` && params['CallEvent'] === event,
        ),
      () => `${event} of ${name}`,
    );
  }

  /** Dialled legs as the store has them, in the order they were opened. */
  legs(): readonly CallRecord[] {
    return this.#calls().filter((call) => call.parentSid !== null);
  }

  /** The callers' legs, in the order they were opened. */
  callers(): readonly CallRecord[] {
    return this.#calls().filter((call) => call.parentSid === null);
  }

  /** The recordings as the store has them, in the order they were begun. */
  recordings(): readonly RecordingRecord[] {
    const filter = { accountSid: ACCOUNT.sid, offset: 0, limit: 1000 };
    return this.gateway.store.recordings.list(filter).recordings.toReversed();
  }

  /** The callbacks of recordings so far, oldest first. */
  get recordingCallbacks(): readonly Asked[] {
    return this.application.asked.filter(({ params }) => params['RecordingStatus'] !== undefined);
  }

  /** Resolves when so many recordings are in progress; answers their sids. */
  recording(count = 1): Promise<readonly string[]> {
    return soon(
      () => (this.recorder.inProgress.length === count ? this.recorder.inProgress : undefined),
      () => `${count} recordings; in progress are ${this.recorder.inProgress.length}`,
    );
  }

  /** The notifications, oldest first. */
  notifications(code?: number): readonly NotificationRecord[] {
    const filter = { accountSid: ACCOUNT.sid, offset: 0, limit: 1000, ...(code !== undefined && { code }) };
    return this.gateway.store.notifications.list(filter).notifications.toReversed();
  }

  #calls(): readonly CallRecord[] {
    return this.gateway.store.calls
      .list({ accountSid: ACCOUNT.sid, offset: 0, limit: 1000 })
      .calls.toReversed();
  }

  /** The lines of the gateway's log that say this. */
  logged(part: string): readonly object[] {
    return this.#log.filter(({ msg }) => msg.includes(part));
  }

  /** Takes the gateway out of service, as its operator does. */
  async drain(waitMs: number): Promise<void> {
    this.#isDrained = true;
    await this.gateway.drain(waitMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await Promise.all(this.#phones.map(({ device }) => device.destroy()));
      if (!this.#isDrained) await this.quiet();
      const { calls, media, outbox } = this.gateway.counts();
      assert.deepEqual(calls, { calls: 0, parts: 0, messageLegs: 0 });
      assert.deepEqual(media, { rooms: 0, parties: 0, transports: 0, producers: 0, consumers: 0 });
      assert.equal(this.media?.sounding ?? 0, 0);
      assert.equal(outbox.lost, 0);
      assert.deepEqual(this.recorder.inProgress, []);
      // Its store is closed by now; what waits in it is for the next start.
      if (this.#isDrained) return;
      if (this.#options.leavesCallbacks !== true) assert.equal(outbox.pending + outbox.dead, 0);
      assert.deepEqual(this.gateway.store.calls.unfinished(), []);
      assert.deepEqual(this.gateway.store.recordings.unfinished(), []);
      for (const { sid } of this.#calls()) this.#checkCallbacks(sid);
      assert.deepEqual(this.#failures(), []);
    } finally {
      await this.gateway[Symbol.asyncDispose]();
      await this.application[Symbol.asyncDispose]();
    }
  }

  /** Numbered from 0 without gaps, `completed` last; what was delivered again has its old key. */
  #checkCallbacks(sid: string): void {
    const ofLeg = this.application.callbacks.filter(({ params }) => params['CallSid'] === sid);
    const told = [...new Map(ofLeg.map((each) => [each.headers['webhook-id'], each])).values()];
    const numbers = told.map(({ params }) => Number(params['SequenceNumber']));
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => index),
    );
    const completed = told.findIndex(({ params }) => params['CallEvent'] === 'completed');
    if (completed !== -1) assert.equal(completed, told.length - 1);
  }

  /** What the gateway logged as its own failure. That a document was wrong is no failure of the gateway. */
  #failures(): readonly LogLine[] {
    return this.#log.filter(
      ({ level, notificationSid, msg }) =>
        level >= ERROR && notificationSid === undefined && msg !== this.#options.expectedFailure,
    );
  }
}
