import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createMediasoupPlane, type OwnedMediaPlane } from '@parley/media-mediasoup';
import type { Identity } from '@parley/protocol';
import type { OwnedRecordingPlane } from '@parley/recorder';
import {
  createEspeak,
  createEspeakModule,
  createHttpRecognizer,
  createHttpSpeech,
  createVoice,
  firstSpeech,
  type Recognizer,
  type Speech,
} from '@parley/voice';
import { CallHost } from './calls/call-host.ts';
import { ConferenceHost } from './calls/conference-host.ts';
import { createSoundShelf } from './calls/sound-shelf.ts';
import { Talks } from './calls/talks.ts';
import { Transfers } from './calls/transfers.ts';
import { createVoiceAnnouncer } from './calls/voice-announcer.ts';
import { OrderedCalls } from './calls/ordered-calls.ts';
import { OrderedRecordings } from './calls/ordered-recordings.ts';
import { createIceServers } from './calls/turn.ts';
import type { GatewayConfig } from './config.ts';
import { startDemo, type Demo } from './demo/demo.ts';
import { DeviceRegistry } from './edge/device-registry.ts';
import { createHttpEdge, type HttpEdge } from './edge/http-edge.ts';
import type { KeyRing } from './edge/key-ring.ts';
import { createWsEdge, SOCKET_PATH, type WsEdge } from './edge/ws-edge.ts';
import { createGatewayRecorder, type GatewayRecorder } from './gateway-recorder.ts';
import type { Logger } from './log.ts';
import { metricsText } from './metrics.ts';
import { NodeWorld } from './node-world.ts';
import { createAddressGuard } from './out/address-guard.ts';
import { callbackNotice } from './out/callback-notice.ts';
import { openCallbackOutbox, type CallbackOutbox } from './out/callback-outbox.ts';
import { createDocumentFetcher } from './out/document-fetcher.ts';
import { createSoundClient } from './out/sound-client.ts';
import { WebhookClient } from './out/webhook-client.ts';
import type { CallControl } from './rest/call-control.ts';
import { createDocsMounts } from './rest/docs-mounts.ts';
import { closeInterruptedRecordings } from './recordings/interrupted-recordings.ts';
import { RecordingHost } from './recordings/recording-host.ts';
import { withRecordings } from './recordings/recording-sounds.ts';
import { RecordingShelf } from './recordings/recording-shelf.ts';
import { RecordingUrls } from './recordings/recording-urls.ts';
import { createPush } from './push/push.ts';
import { createRestApi, REST_PREFIXES, restOperations } from './rest/rest-api.ts';
import { createEars } from './speech/ears.ts';
import { History } from './store/history.ts';
import { createNotificationLog } from './store/notifications.ts';
import { openStore, type Store } from './store/store.ts';

/** A gateway that is up. */
export interface Gateway extends AsyncDisposable {
  /** Where it is reached: `http://127.0.0.1:5080`. */
  readonly url: string;
  readonly demo: Demo | undefined;
  readonly store: Store;
  readonly counts: () => GatewayCounts;
  /** Takes no new calls, waits for the running ones, ends what is left, and closes (D32). */
  drain(waitMs: number): Promise<void>;
}

/** What is held now: the first thing to read when looking for a leak. */
export type GatewayCounts = ReturnType<typeof countsOf>;

export interface GatewayOptions {
  readonly config: GatewayConfig;
  readonly log: Logger;
  /** Tells whoever has started the gateway something that belongs into no log: the demo's links. */
  readonly print?: (line: string) => void;
  /** Instead of an SFU of its own: for tests of everything but media. */
  readonly media?: OwnedMediaPlane;
  /** Instead of a recorder of its own. */
  readonly recorder?: GatewayRecorder;
  /** Instead of the calls of this gateway: for tests of REST. */
  readonly callControl?: CallControl;
}

/** Starts a gateway, and resolves when it can be called. Rejects with a sentence; nothing is left running then. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { config, log, media: given } = options;
  await using opened = new AsyncDisposableStack();

  if (config.storePath !== ':memory:') mkdirSync(dirname(config.storePath), { recursive: true });
  const store = opened.use(
    openStore(config.storePath, { onFailure: (err) => log.error({ err }, 'the store failed') }),
  );
  const { calls, conferences: meetings, notifications: notices, feedback } = store;
  const tables = { calls, conferences: meetings, notifications: notices, feedback };
  opened.use(new History({ tables, keepMs: config.historyMs, nowMs: Date.now, log })).start();
  const media = opened.use(given ?? (await createMedia(config, log)));
  const recorder = opened.use(options.recorder ?? (await createGatewayRecorder(config, media, log)));
  if (given === undefined) await recorder.warm();
  const demo = config.demo
    ? opened.use(await startDemo({ store, log, ...(options.print && { print: options.print }) }))
    : undefined;
  if (config.account !== undefined) {
    store.accounts.save({ ...config.account, friendlyName: 'The operator’s account' });
  }

  const guard = createAddressGuard({
    allow: [...config.allow, ...(demo === undefined ? [] : [demo.host])],
    isOwnUrl: (url) => http !== undefined && isOwn(url, http.port),
  });
  const client = new WebhookClient({ guard });
  opened.defer(() => client.close());
  const webhookAccount = (accountSid: string) => store.accounts.find(accountSid);
  const notifications = createNotificationLog({ table: store.notifications, logger: log });
  const outbox = openCallbackOutbox({
    store,
    client,
    accountOf: webhookAccount,
    onTrouble: (event, fault, fate) => {
      const { stream: callSid, sequence } = event;
      log.warn({ callSid, sequence, code: fault.code, fate }, 'a callback was not taken');
      notifications.notify(callbackNotice(event, fault, fate));
    },
    onStoreFailure: (err) => log.error({ err }, 'the outbox could not be read or written'),
  });
  opened.defer(() => outbox.close());

  const voice = opened.use(createVoice({ speech: speechOf(config) }));
  const soundClient = createSoundClient({ guard });
  opened.defer(() => soundClient.close());

  const registry = new DeviceRegistry(log);
  const world = new NodeWorld();
  const { keepMs, linkMs } = config.recordings;
  const { directory } = recorder;
  const tokenOf = (accountSid: string) => store.accounts.find(accountSid)?.authToken;
  const urls = new RecordingUrls({
    publicUrl: () => config.publicUrl ?? http?.url ?? '',
    tokenOf,
    linkMs,
    nowMs: Date.now,
  });
  closeInterruptedRecordings({
    table: store.recordings,
    outbox,
    nextSequence: (sid) => store.outbox.nextSequence(sid),
    recovered: recorder.recovered,
    nowMs: world.nowMs(),
    log,
  });
  const table = store.recordings;
  const shelf = opened.use(new RecordingShelf({ directory, table, recorder, keepMs, nowMs: Date.now, log }));
  shelf.start();
  const recordings = opened.use(
    new RecordingHost({ recorder, table, outbox, notifications, urls, world, log }),
  );
  const announcer = createVoiceAnnouncer({
    voice,
    sounds: withRecordings({
      sounds: createSoundShelf({ voice, client: soundClient }),
      voice,
      urls,
      table,
      shelf,
      recordings,
      tokenOf,
      nowMs: Date.now,
    }),
    media,
  });
  const ears = createEars({ media, ...recognizerOf(config) });
  const acting = { world, media, outbox, notifications, announcer, recordings, log };
  const conferences = new ConferenceHost({
    ...acting,
    table: store.conferences,
    conferencesMax: config.callsMax,
  });
  const talks = new Talks(acting);
  const keys = keyRing(store);
  const origins = { allowedOrigins: config.origins, trustProxy: config.trustProxy };
  const push = opened.use(createPush({ settings: config.push, store, keys, guard, origins, log }));
  const host = new CallHost({
    ...acting,
    iceServersOf: createIceServers(config.turn, Date.now),
    fetcher: createDocumentFetcher({ client }),
    calls: store.calls,
    feedback: store.feedback,
    ears,
    registry,
    conferences,
    talks,
    transfers: new Transfers({ ...acting, talks }),
    sleepers: push.sleepers,
    mayTransfer: config.transfers,
    webhookAccount,
    choice: {
      applications: store.applications,
      clients: store.clients,
      peerCalls: config.peerCalls,
      ...defaultApplication(config, store, demo),
    },
    admission: {
      callsMax: config.callsMax,
      callsPerAccountMax: config.callsPerAccountMax,
      callsPerSecond: config.callsPerSecond,
    },
    callsPerDeviceMax: 16,
  });
  const ws = createWsEdge({
    registry,
    door: host,
    keys,
    rtpCapabilities: media.rtpCapabilities,
    log,
    ...origins,
    limits: { graceMs: config.graceMs, returnGraceMs: config.returnGraceMs },
  });
  opened.defer(() => ws.close());
  const counts = () => countsOf({ host, conferences, ws, registry, media, recorder, outbox });
  const ordered = new OrderedCalls(host);
  const callControl: CallControl = options.callControl ?? {
    create: (order) => ordered.create(order),
    modify: (accountSid, sid, change) => ordered.modify(accountSid, sid, change),
    conferences,
  };
  const rest = {
    store,
    calls: callControl,
    messages: host.messages,
    recordings: new OrderedRecordings({ host, recordings, shelf, urls }),
    notifications,
    outbox,
  };
  const { trustProxy } = config;
  const http: HttpEdge | undefined = opened.use(
    await createHttpEdge({
      host: config.host,
      port: config.port,
      trustProxy,
      log,
      mounts: [
        ...createRestApi({ ...rest, log, trustProxy }),
        ...push.mounts,
        ...createDocsMounts({ operations: restOperations(rest), servers: REST_PREFIXES, trustProxy }),
      ],
      upgrade: (request, socket, head) => ws.handleUpgrade(request, socket, head),
      health: () => ({ ok: media.health.workersAlive > 0, ...counts() }),
      metrics: () => metricsText(counts()),
      ...(config.softphoneDir === undefined ? {} : { softphoneDir: config.softphoneDir }),
      ...(demo === undefined
        ? {}
        : {
            demoToken: (identity: Identity) => demo.mintToken(identity),
            demoRecording: (callSid: string) => demo.recordingOf(callSid),
          }),
    }),
  );
  // Last in, first out: calls end and say so before the sockets that carry the news are closed.
  opened.defer(() => host.endAll());

  const kept = opened.move();
  return {
    url: http.url,
    demo,
    store,
    counts,
    async drain(waitMs) {
      ws.drain(waitMs);
      await host.drain(waitMs);
      await kept.disposeAsync();
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** The operator's provider, or else whichever engine is installed. */
function speechOf({ speech }: GatewayConfig): Speech {
  if (speech === undefined) return firstSpeech([createEspeak(), createEspeakModule()]);
  const { url, token } = speech;
  return createHttpSpeech(token === undefined ? { url } : { url, token });
}

/** The operator's provider; there is none of our own. */
function recognizerOf({ recognizer }: GatewayConfig): { readonly recognizer?: Recognizer } {
  if (recognizer === undefined) return {};
  const { url, token } = recognizer;
  return { recognizer: createHttpRecognizer(token === undefined ? { url } : { url, token }) };
}

function createMedia({ media }: GatewayConfig, log: Logger): Promise<OwnedMediaPlane> {
  return createMediasoupPlane({
    basePort: media.basePort,
    log: (level, message, facts) => log[level](facts, message),
    ...(media.workers === undefined ? {} : { workers: media.workers }),
    ...(media.workerBin === undefined ? {} : { workerBin: media.workerBin }),
    ...(media.announcedAddress === undefined ? {} : { announcedAddress: media.announcedAddress }),
    ...(media.addresses.length === 0 ? {} : { listen: media.addresses.map((ip) => ({ ip })) }),
  });
}

/** The application that decides where neither a token nor a client names one (D17). */
function defaultApplication(config: GatewayConfig, store: Store, demo: Demo | undefined) {
  const accountSid = config.account?.sid ?? demo?.accountSid;
  if (config.voice === undefined || accountSid === undefined) {
    return demo === undefined ? {} : { defaultApplication: demo.applicationSid };
  }
  const name = 'default';
  const { url: voiceUrl, method: voiceMethod, fallbackUrl } = config.voice;
  const settings = { friendlyName: name, voiceUrl, voiceMethod, voiceFallbackUrl: fallbackUrl ?? null };
  const found = store.applications.findByName(accountSid, name);
  const { sid } =
    found === undefined
      ? store.applications.create(accountSid, settings)
      : (store.applications.update(accountSid, found.sid, settings) ?? found);
  return { defaultApplication: sid };
}

/** Tokens are signed with an API key's secret, or with the account's own token. */
function keyRing(store: Store): KeyRing {
  return {
    secretFor(issuer) {
      const key = store.apiKeys.find(issuer);
      if (key !== undefined) return { accountSid: key.accountSid, secret: key.secret };
      const account = store.accounts.find(issuer);
      return account === undefined ? undefined : { accountSid: account.sid, secret: account.authToken };
    },
  };
}

/** Our own doors are never asked for documents (D21); the softphone's files may be. */
function isOwn(url: URL, port: number): boolean {
  const isHere = url.port === String(port);
  return (
    isHere &&
    (url.pathname.startsWith(SOCKET_PATH) || /^\/(restcomm\/)?20\d\d-\d\d-\d\d\//.test(url.pathname))
  );
}

function countsOf(parts: {
  readonly host: CallHost;
  readonly conferences: ConferenceHost;
  readonly ws: WsEdge;
  readonly registry: DeviceRegistry;
  readonly media: OwnedMediaPlane;
  readonly recorder: OwnedRecordingPlane;
  readonly outbox: CallbackOutbox;
}) {
  const { host, conferences, ws, registry, media, recorder, outbox } = parts;
  return {
    calls: host.counts,
    conferences: conferences.counts,
    sockets: ws.counts,
    devices: registry.counts,
    media: media.counts,
    workers: media.health,
    recordings: recorder.recordingCounts,
    outbox: outbox.counts,
  };
}
