import { join } from 'node:path';
import * as v from 'valibot';
import type { TurnSettings } from './calls/turn.ts';

/** Reads like a sentence in an error: `PARLEY_PORT: expected a whole number from 0 to 65535`. */
function wholeNumber(min: number, max: number) {
  const message = `expected a whole number from ${min} to ${max}`;
  return v.pipe(
    v.string(),
    v.regex(/^\d+$/, message),
    v.transform(Number),
    v.minValue(min, message),
    v.maxValue(max, message),
  );
}

const onOff = v.pipe(
  v.string(),
  v.transform((word) => word.toLowerCase()),
  v.picklist(['on', 'off', 'true', 'false', '1', '0', 'yes', 'no'], 'expected on or off'),
  v.transform((word) => ['on', 'true', '1', 'yes'].includes(word)),
);

const list = v.pipe(
  v.string(),
  v.transform((words) =>
    words
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== ''),
  ),
);

const turnUrls = v.pipe(
  list,
  v.check(
    (urls) => urls.every((url) => /^turns?:[^\s?]+(\?transport=(udp|tcp))?$/.test(url)),
    'expected turn: or turns: URLs, such as turn:turn.example.com:3478?transport=udp',
  ),
);

const httpUrl = v.pipe(
  v.string(),
  v.check((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), 'expected an http or https URL'),
);

const method = v.picklist(['GET', 'POST'], 'expected GET or POST');

/** Every variable the gateway reads, with its meaning; `docs/operating.md` has the table for operators. */
const Environment = v.object({
  PARLEY_HOST: v.optional(v.string(), '127.0.0.1'),
  PARLEY_PORT: v.optional(wholeNumber(0, 65_535), '5080'),
  PARLEY_DATA: v.optional(v.string(), 'data'),
  PARLEY_HISTORY_DAYS: v.optional(wholeNumber(0, 36_500), '90'),
  PARLEY_SOFTPHONE: v.optional(v.string()),
  PARLEY_ORIGINS: v.optional(list, ''),
  PARLEY_TRUST_PROXY: v.optional(onOff, 'off'),
  PARLEY_DEMO: v.optional(onOff),
  PARLEY_ACCOUNT_SID: v.optional(
    v.pipe(v.string(), v.regex(/^AC[0-9a-f]{32}$/, 'expected AC and 32 hex digits')),
  ),
  PARLEY_AUTH_TOKEN: v.optional(v.pipe(v.string(), v.minLength(16, 'expected at least 16 characters'))),
  PARLEY_VOICE_URL: v.optional(httpUrl),
  PARLEY_VOICE_METHOD: v.optional(method, 'POST'),
  PARLEY_VOICE_FALLBACK_URL: v.optional(httpUrl),
  PARLEY_PEER_CALLS: v.optional(onOff, 'off'),
  PARLEY_TRANSFERS: v.optional(onOff, 'on'),
  PARLEY_ALLOW: v.optional(list, ''),
  PARLEY_PUBLIC_URL: v.optional(httpUrl),
  PARLEY_RECORDING_DAYS: v.optional(wholeNumber(0, 36_500), '0'),
  PARLEY_RECORDING_LINK_HOURS: v.optional(wholeNumber(1, 876_000), '168'),
  PARLEY_SPEECH_URL: v.optional(httpUrl),
  PARLEY_SPEECH_TOKEN: v.optional(v.string()),
  PARLEY_RECOGNIZER_URL: v.optional(httpUrl),
  PARLEY_RECOGNIZER_TOKEN: v.optional(v.string()),
  PARLEY_MEDIA_PORT: v.optional(wholeNumber(0, 65_535), '7900'),
  PARLEY_MEDIA_ADDRESSES: v.optional(list, ''),
  PARLEY_ANNOUNCED_ADDRESS: v.optional(v.string()),
  PARLEY_WORKERS: v.optional(wholeNumber(1, 256)),
  PARLEY_TURN_URLS: v.optional(turnUrls, ''),
  PARLEY_TURN_SECRET: v.optional(v.string()),
  PARLEY_TURN_TTL_SECONDS: v.optional(wholeNumber(60, 86_400), '3600'),
  PARLEY_PUSH_CONTACT: v.optional(
    v.pipe(v.string(), v.regex(/^(mailto:\S+@\S+|https:\/\/\S+)$/, 'expected mailto: or https:')),
  ),
  PARLEY_PUSH_WAIT_SECONDS: v.optional(wholeNumber(1, 600), '25'),
  PARLEY_RECORDINGS: v.optional(v.string()),
  PARLEY_RECORDINGS_MAX: v.optional(wholeNumber(1, 100_000), '500'),
  PARLEY_RECORDINGS_MIB_MAX: v.optional(wholeNumber(1, 1_000_000_000), '20480'),
  PARLEY_RECORDING_MIB_MAX: v.optional(wholeNumber(1, 1_000_000), '2048'),
  PARLEY_RECORDINGS_MIB_FREE: v.optional(wholeNumber(0, 1_000_000_000), '512'),
  PARLEY_CALLS_MAX: v.optional(wholeNumber(1, 1_000_000), '5000'),
  PARLEY_ACCOUNT_CALLS_MAX: v.optional(wholeNumber(1, 1_000_000), '2000'),
  PARLEY_ACCOUNT_CALLS_PER_SECOND: v.optional(wholeNumber(1, 100_000), '100'),
  PARLEY_DRAIN_SECONDS: v.optional(wholeNumber(0, 86_400), '300'),
  PARLEY_GRACE_SECONDS: v.optional(wholeNumber(1, 600), '30'),
  PARLEY_RETURN_SECONDS: v.optional(wholeNumber(1, 600), '6'),
  PARLEY_LOG: v.optional(
    v.picklist(['debug', 'info', 'warn', 'error', 'silent'], 'expected a level of the log'),
    'info',
  ),
  MEDIASOUP_WORKER_BIN: v.optional(v.string()),
});

/** How this gateway runs. */
export interface GatewayConfig {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** The SQLite file, or `:memory:`. */
  readonly storePath: string;
  /** How long calls, conferences and notifications are known of after their end; undefined: for ever. */
  readonly historyMs: number | undefined;
  /** The folder of the built softphone; absent: none is served. */
  readonly softphoneDir: string | undefined;
  /** Origins other than the gateway's own that may open a socket. */
  readonly origins: readonly string[];
  /** Whether forwarded headers tell the truth: only where every request passes a proxy of ours. */
  readonly trustProxy: boolean;
  /** Demo application, demo account and demo tokens. */
  readonly demo: boolean;
  readonly account: { readonly sid: string; readonly authToken: string } | undefined;
  /** The default application (D17). */
  readonly voice:
    | { readonly url: string; readonly method: 'GET' | 'POST'; readonly fallbackUrl: string | undefined }
    | undefined;
  readonly peerCalls: boolean;
  /** Whether people may hand their calls over to others. */
  readonly transfers: boolean;
  /** Hosts and networks that webhooks may reach although they are not public. */
  readonly allow: readonly string[];
  /** Where the gateway is reached from outside; absent: where it listens. */
  readonly publicUrl: string | undefined;
  /** Who speaks instead of the engine that is installed here. */
  readonly speech: { readonly url: string; readonly token: string | undefined } | undefined;
  /** A server that understands what callers say; without one it counts as silence. */
  readonly recognizer: { readonly url: string; readonly token: string | undefined } | undefined;
  readonly media: {
    readonly basePort: number;
    readonly addresses: readonly string[];
    readonly announcedAddress: string | undefined;
    readonly workers: number | undefined;
    readonly workerBin: string | undefined;
  };
  /** Relays for devices that cannot reach the SFU directly; absent: none are offered. */
  readonly turn: TurnSettings | undefined;
  /** Rings devices whose page is closed; absent: nobody is reached who is not here. */
  readonly push: { readonly contact: string; readonly waitMs: number } | undefined;
  readonly recordings: {
    /** Where they are kept; absent: in a folder that ends with the gateway. */
    readonly directory: string | undefined;
    readonly recordingsMax: number;
    /** What all may take on the disk, what one may, and what must stay free. */
    readonly bytesMax: number;
    readonly bytesPerRecordingMax: number;
    readonly freeBytesMin: number;
    /** How long a recording is kept from its beginning; undefined: until somebody deletes it. */
    readonly keepMs: number | undefined;
    /** How long the link in `RecordingUrl` can be followed. */
    readonly linkMs: number;
  };
  readonly callsMax: number;
  /** Calls at once in one account. */
  readonly callsPerAccountMax: number;
  /** Calls that one account may begin in a second. */
  readonly callsPerSecond: number;
  readonly drainMs: number;
  readonly graceMs: number;
  /** The same for a page that is reloaded. */
  readonly returnGraceMs: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

/** The environment says something that cannot be meant. One line a variable. */
export class ConfigError extends Error {
  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'ConfigError';
  }
}

const MIB = 1024 ** 2;
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1']);

/** Reads the configuration, or throws a {@link ConfigError} that names every variable that is wrong. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): GatewayConfig {
  // An empty variable is one that somebody has cleared.
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = v.safeParse(Environment, given);
  if (!parsed.success) {
    throw new ConfigError(parsed.issues.map((issue) => `${v.getDotPath(issue) ?? ''}: ${issue.message}`));
  }
  const said = parsed.output;
  if ((said.PARLEY_ACCOUNT_SID === undefined) !== (said.PARLEY_AUTH_TOKEN === undefined)) {
    throw new ConfigError(['PARLEY_ACCOUNT_SID and PARLEY_AUTH_TOKEN go together: set both, or neither']);
  }
  if ((said.PARLEY_TURN_URLS.length === 0) !== (said.PARLEY_TURN_SECRET === undefined)) {
    throw new ConfigError(['PARLEY_TURN_URLS and PARLEY_TURN_SECRET go together: set both, or neither']);
  }
  const isLoopback = LOOPBACK.has(said.PARLEY_HOST);
  return {
    host: said.PARLEY_HOST,
    port: said.PARLEY_PORT,
    storePath: said.PARLEY_DATA === ':memory:' ? ':memory:' : join(said.PARLEY_DATA, 'parley.sqlite'),
    historyMs: daysMs(said.PARLEY_HISTORY_DAYS),
    softphoneDir: said.PARLEY_SOFTPHONE,
    origins: said.PARLEY_ORIGINS,
    trustProxy: said.PARLEY_TRUST_PROXY,
    // Demo tokens are handed to whoever asks: on a machine of one's own that is convenient, on a network it is a door.
    demo: said.PARLEY_DEMO ?? isLoopback,
    account:
      said.PARLEY_ACCOUNT_SID === undefined || said.PARLEY_AUTH_TOKEN === undefined
        ? undefined
        : { sid: said.PARLEY_ACCOUNT_SID, authToken: said.PARLEY_AUTH_TOKEN },
    voice:
      said.PARLEY_VOICE_URL === undefined
        ? undefined
        : {
            url: said.PARLEY_VOICE_URL,
            method: said.PARLEY_VOICE_METHOD,
            fallbackUrl: said.PARLEY_VOICE_FALLBACK_URL,
          },
    peerCalls: said.PARLEY_PEER_CALLS,
    transfers: said.PARLEY_TRANSFERS,
    allow: said.PARLEY_ALLOW,
    publicUrl: said.PARLEY_PUBLIC_URL,
    speech:
      said.PARLEY_SPEECH_URL === undefined
        ? undefined
        : { url: said.PARLEY_SPEECH_URL, token: said.PARLEY_SPEECH_TOKEN },
    recognizer:
      said.PARLEY_RECOGNIZER_URL === undefined
        ? undefined
        : { url: said.PARLEY_RECOGNIZER_URL, token: said.PARLEY_RECOGNIZER_TOKEN },
    media: {
      basePort: said.PARLEY_MEDIA_PORT,
      addresses: said.PARLEY_MEDIA_ADDRESSES,
      announcedAddress: said.PARLEY_ANNOUNCED_ADDRESS,
      workers: said.PARLEY_WORKERS,
      workerBin: said.MEDIASOUP_WORKER_BIN,
    },
    turn:
      said.PARLEY_TURN_SECRET === undefined
        ? undefined
        : {
            urls: said.PARLEY_TURN_URLS,
            secret: said.PARLEY_TURN_SECRET,
            ttlSeconds: said.PARLEY_TURN_TTL_SECONDS,
          },
    push:
      said.PARLEY_PUSH_CONTACT === undefined
        ? undefined
        : { contact: said.PARLEY_PUSH_CONTACT, waitMs: said.PARLEY_PUSH_WAIT_SECONDS * 1000 },
    recordings: {
      directory:
        said.PARLEY_RECORDINGS ??
        (said.PARLEY_DATA === ':memory:' ? undefined : join(said.PARLEY_DATA, 'recordings')),
      recordingsMax: said.PARLEY_RECORDINGS_MAX,
      bytesMax: said.PARLEY_RECORDINGS_MIB_MAX * MIB,
      bytesPerRecordingMax: said.PARLEY_RECORDING_MIB_MAX * MIB,
      freeBytesMin: said.PARLEY_RECORDINGS_MIB_FREE * MIB,
      keepMs: daysMs(said.PARLEY_RECORDING_DAYS),
      linkMs: said.PARLEY_RECORDING_LINK_HOURS * 3_600_000,
    },
    callsMax: said.PARLEY_CALLS_MAX,
    callsPerAccountMax: said.PARLEY_ACCOUNT_CALLS_MAX,
    callsPerSecond: said.PARLEY_ACCOUNT_CALLS_PER_SECOND,
    drainMs: said.PARLEY_DRAIN_SECONDS * 1000,
    graceMs: said.PARLEY_GRACE_SECONDS * 1000,
    returnGraceMs: said.PARLEY_RETURN_SECONDS * 1000,
    logLevel: said.PARLEY_LOG,
  };
}

/** A time to keep things for; none keeps them for ever. */
function daysMs(days: number): number | undefined {
  return days === 0 ? undefined : days * 86_400_000;
}
