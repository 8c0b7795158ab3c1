import { availableParallelism, networkInterfaces } from 'node:os';

/** An address the SFU listens on, UDP and TCP, and what browsers are told of it. */
export interface ListenAddress {
  readonly ip: string;
  /** What browsers are told in place of `ip`, where the host is behind a NAT. An address, not a name. */
  readonly announcedAddress?: string;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
/** One line of the log. The facts never hold an address, a key or SDP. */
export type MediaLog = (
  level: LogLevel,
  message: string,
  facts: Readonly<Record<string, string | number>>,
) => void;

export interface MediasoupPlaneOptions {
  /** How many SFU workers; each is one process on one core. Default: one per core. */
  readonly workers?: number;
  /** The SFU worker's program. Default: `MEDIASOUP_WORKER_BIN`, then the one that came with mediasoup. */
  readonly workerBin?: string;
  /**
   * Where browsers reach the SFU. Default: 127.0.0.1 and the first address that is not internal; with
   * `announcedAddress`, the latter alone, announced as that.
   */
  readonly listen?: readonly ListenAddress[];
  readonly announcedAddress?: string;
  /** The first worker listens on this port, UDP and TCP, the next on the next. 0: on any. Default 7900. */
  readonly basePort?: number;
  /** Whether VP9 may be negotiated too, after VP8 and H264. Default false. */
  readonly vp9?: boolean;

  readonly roomsMax?: number;
  readonly partiesMax?: number;
  /** How many ringing parties of one other party are made ready before anybody answers. Default 4. */
  readonly preparedPerPartyMax?: number;
  /** How long a party whose media broke, or never came up once bridged, is waited for. Default 30 s. */
  readonly graceMs?: number;
  /** How long ICE is believed without a sign of life: 10 to 60 whole seconds. Default 30. */
  readonly iceConsentTimeoutS?: number;
  /** How often one worker may be started again, and one room moved, within `restartWindowMs`. Default 5 in 60 s. */
  readonly restartsMax?: number;
  readonly restartWindowMs?: number;
  /**
   * How long after the start, or after the last one was needed, another worker process is started in reserve, so that
   * the place of one that dies is taken without waiting for a process. Default 1 s.
   */
  readonly reserveAfterMs?: number;
  readonly log?: MediaLog;
}

/** The options with every default filled in. */
export type Settings = Required<Omit<MediasoupPlaneOptions, 'announcedAddress' | 'workerBin'>> & {
  readonly workerBin: string | undefined;
};

/** Fills in the defaults, and complains in a sentence about what cannot be meant. */
export function settingsOf(options: MediasoupPlaneOptions): Settings {
  const settings: Settings = {
    workers: options.workers ?? availableParallelism(),
    workerBin: options.workerBin,
    listen: options.listen ?? defaultListen(options.announcedAddress),
    basePort: options.basePort ?? 7900,
    vp9: options.vp9 ?? false,
    roomsMax: options.roomsMax ?? 10_000,
    partiesMax: options.partiesMax ?? 40_000,
    preparedPerPartyMax: options.preparedPerPartyMax ?? 4,
    graceMs: options.graceMs ?? 30_000,
    iceConsentTimeoutS: options.iceConsentTimeoutS ?? 30,
    restartsMax: options.restartsMax ?? 5,
    restartWindowMs: options.restartWindowMs ?? 60_000,
    reserveAfterMs: options.reserveAfterMs ?? 1_000,
    log: options.log ?? (() => {}),
  };
  if (!Number.isInteger(settings.workers) || settings.workers < 1) {
    throw new RangeError(`workers is ${settings.workers}; at least one SFU worker is needed`);
  }
  const lastPort = settings.basePort + settings.workers - 1;
  if (!Number.isInteger(settings.basePort) || settings.basePort < 0 || lastPort > 65_535) {
    throw new RangeError(`basePort is ${settings.basePort}; every worker needs a port between 1 and 65535`);
  }
  // The worker would silently take the nearest.
  const { iceConsentTimeoutS } = settings;
  if (!Number.isInteger(iceConsentTimeoutS) || iceConsentTimeoutS < 10 || iceConsentTimeoutS > 60) {
    throw new RangeError(`iceConsentTimeoutS is ${iceConsentTimeoutS}; it can be 10 to 60 whole seconds`);
  }
  if (settings.listen.length === 0) {
    throw new RangeError('listen is empty; browsers need at least one address to reach the SFU at');
  }
  return settings;
}

function defaultListen(announcedAddress: string | undefined): readonly ListenAddress[] {
  const outside = firstOutsideAddress();
  if (announcedAddress !== undefined) return [{ ip: outside ?? '127.0.0.1', announcedAddress }];
  // Both, because Firefox cannot reach an SFU on the loopback address alone, and a machine may have no other.
  return outside === undefined ? [{ ip: '127.0.0.1' }] : [{ ip: '127.0.0.1' }, { ip: outside }];
}

function firstOutsideAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flat()
    .find((entry) => entry?.family === 'IPv4' && !entry.internal)?.address;
}
