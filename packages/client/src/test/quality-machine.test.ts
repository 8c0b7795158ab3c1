import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  NO_QUALITY,
  stepQuality,
  type QualityOutput,
  type QualityState,
} from '../core/quality/quality-machine.ts';
import type { ReceivedAudio, Sample, SentAudio, WarningName } from '../core/quality/quality.ts';
import { WARNING_RULES, type QualityFacts } from '../core/quality/warning-rules.ts';

const WELL: QualityFacts = {
  isJoined: true,
  isHeld: false,
  isMuted: false,
  microphone: 'on',
  remoteAudio: 'on',
  remoteVideo: 'none',
  transport: 'connected',
  mutedLevel: null,
  isSinkLost: false,
};

interface Second {
  readonly facts?: Partial<QualityFacts>;
  readonly rttMs?: number;
  readonly mos?: number | null;
  readonly path?: Sample['path'];
  readonly pathKey?: string;
  readonly sent?: Partial<SentAudio>;
  readonly received?: Partial<ReceivedAudio>;
  readonly sentVideo?: Sample['sent']['video'];
  readonly receivedVideo?: Sample['received']['video'];
}

/** A call, second by second. */
class Watch {
  state: QualityState = NO_QUALITY;
  /** Everything it has told, in its order: `+name`, `-name`, and the words for the whole. */
  readonly told: string[] = [];
  #seconds = 0;

  pass(seconds: number, second: Second = {}): this {
    for (let each = 0; each < seconds; each += 1) this.#second(second);
    return this;
  }

  #second({ facts, rttMs = 40, mos = 4.3, path = DIRECT, pathKey = 'path-1', ...media }: Second): void {
    this.#seconds += 1;
    // A voice: it is never equally loud.
    const level = 0.1 + 0.05 * (this.#seconds % 3);
    const track = { packets: 50, bytes: 4000, bps: 32_000, lossFraction: 0, jitterMs: 5, codec: 'opus' };
    const sample: Sample = {
      atMs: this.#seconds * 1000,
      periodMs: 1000,
      rttMs,
      mos,
      path,
      sent: { audio: { ...track, level, ...media.sent }, video: media.sentVideo ?? null },
      received: {
        audio: { ...track, packetsLost: 0, level, concealedFraction: 0, ...media.received },
        video: media.receivedVideo ?? null,
      },
    };
    const step = stepQuality(this.state, { sample, facts: { ...WELL, ...facts }, pathKey });
    this.state = step.state;
    this.told.push(...step.outputs.map(inWords));
  }

  get raised(): WarningName[] {
    return this.state.raised.map(({ name }) => name);
  }

  get level() {
    return this.state.quality?.level;
  }
}

const DIRECT: Sample['path'] = {
  protocol: 'udp',
  localType: 'prflx',
  relayProtocol: null,
  availableBps: null,
};

const RELAYED: Sample['path'] = {
  protocol: 'udp',
  localType: 'relay',
  relayProtocol: 'tls',
  availableBps: null,
};

function inWords(output: QualityOutput): string {
  if (output.type === 'quality') return output.quality?.level ?? 'nothing';
  return `${output.type === 'warning' ? '+' : '-'}${output.warning.name}`;
}

const still = { framesPerSecond: 0 } as Sample['received']['video'];

describe('warnings', () => {
  /** What raises each, and what of it is over. One place, so that no rule is left without a test. */
  const CAUSES: Record<WarningName, { bad: Second; seconds: number; good?: Second; before?: Second }> = {
    'high-rtt': { bad: { rttMs: 401 }, seconds: 3 },
    'high-jitter': { bad: { received: { jitterMs: 31 } }, seconds: 3 },
    'low-mos': { bad: { mos: 2.9 }, seconds: 3 },
    'high-packet-loss': { bad: { received: { lossFraction: 0.011 } }, seconds: 3 },
    'high-packets-lost-fraction': { bad: { received: { lossFraction: 0.0301 } }, seconds: 7 },
    'low-bytes-sent': { bad: { sent: { bytes: 0 } }, seconds: 3 },
    'low-bytes-received': { bad: { received: { bytes: 0, packets: 0 } }, seconds: 3 },
    'constant-audio-input-level': { bad: { sent: { level: 0.5 } }, seconds: 10 },
    'ice-connectivity-lost': { bad: { facts: { transport: 'disconnected' } }, seconds: 1 },
    'one-way-audio': { bad: { received: { level: 0 } }, seconds: 12, before: { facts: { isJoined: false } } },
    'low-local-audio': { bad: { sent: { level: 0 } }, seconds: 10 },
    'speaking-while-muted': {
      bad: { facts: { isMuted: true, mutedLevel: 0.2 } },
      seconds: 2,
      good: { facts: { isMuted: true, mutedLevel: 0 } },
    },
    'relay-in-use': { bad: { path: RELAYED }, seconds: 1 },
    'path-changed': { bad: { pathKey: 'path-2' }, seconds: 1, good: { pathKey: 'path-2' } },
    'cpu-limited': { bad: { sentVideo: { limitedBy: 'cpu' } as Sample['sent']['video'] }, seconds: 3 },
    'frozen-video': {
      bad: { facts: { remoteVideo: 'on' }, receivedVideo: still },
      seconds: 3,
      good: { facts: { remoteVideo: 'on' }, receivedVideo: { framesPerSecond: 25 } as typeof still },
    },
    'sink-lost': { bad: { facts: { isSinkLost: true } }, seconds: 1 },
  };

  for (const { name } of WARNING_RULES) {
    it(`[QY12] ${name} is raised at its threshold, not a second sooner, and cleared once it is well`, () => {
      const { bad, seconds, good = {}, before = {} } = CAUSES[name];
      const watch = new Watch().pass(12, before).pass(seconds - 1, bad);
      expect(watch.raised).not.toContain(name);
      watch.pass(1, bad);
      expect(watch.raised).toContain(name);
      watch.pass(12, good);
      expect(watch.raised).not.toContain(name);
      expect(watch.told.filter((what) => what.endsWith(name))).toEqual([`+${name}`, `-${name}`]);
    });
  }

  it('[QY12] a warning says what was measured, the limit, since when, whose ears, and where its words are', () => {
    const watch = new Watch().pass(5).pass(3, { received: { lossFraction: 0.2 } });
    expect(watch.state.raised).toContainEqual({
      name: 'high-packet-loss',
      level: 'warning',
      value: 20,
      threshold: 1,
      sinceMs: 8000,
      direction: 'received',
      i18nKey: 'warning.high-packet-loss',
    });
  });

  it('[QY12] three bad seconds of five raise it; it takes five good ones to clear it', () => {
    const bad = { rttMs: 500 };
    const watch = new Watch().pass(5).pass(1, bad).pass(1).pass(1, bad).pass(1).pass(1, bad);
    expect(watch.raised).toEqual(['high-rtt']);
    watch.pass(4);
    expect(watch.raised).toEqual(['high-rtt']);
    watch.pass(1);
    expect(watch.raised).toEqual([]);
  });

  it('[QY13] what is silent on purpose is no fault: muted, on hold, the other side muted, an announcement', () => {
    const silent = { sent: { bytes: 0, level: 0 }, received: { bytes: 0, packets: 0, level: 0 }, mos: null };
    const purposes: Partial<QualityFacts>[] = [
      { isHeld: true },
      { isMuted: true, remoteAudio: 'muted' },
      { isJoined: false },
    ];
    for (const facts of purposes) {
      const watch = new Watch().pass(12).pass(20, { ...silent, facts });
      expect([facts, watch.told.filter((what) => what.startsWith('+'))]).toEqual([facts, []]);
    }
  });

  it('[QY13] muting takes back what was said about the microphone', () => {
    const watch = new Watch().pass(12, { sent: { level: 0 } });
    expect(watch.raised).toContain('low-local-audio');
    watch.pass(1, { facts: { isMuted: true }, sent: { level: 0 } });
    expect(watch.raised).toEqual([]);
  });

  it('[QY13] two who are both silent have nothing to say; one who speaks and hears nothing has one-way audio', () => {
    const deaf = { received: { level: 0 } };
    const apart = { facts: { isJoined: false } };
    expect(new Watch().pass(1, apart).pass(30, { ...deaf, sent: { level: 0.001 } }).raised).not.toContain(
      'one-way-audio',
    );
    expect(new Watch().pass(1, apart).pass(1).pass(30, deaf).raised).not.toContain('one-way-audio');
    expect(new Watch().pass(1, apart).pass(30, deaf).raised).toContain('one-way-audio');
  });

  it('[QY13] while a way is being found, its changes are no news', () => {
    const watch = new Watch().pass(2, { pathKey: 'path-1' }).pass(2, { pathKey: 'path-2' });
    expect(watch.raised).toEqual([]);
  });

  it('[QY12] whatever comes, a warning is raised before it is cleared, and never twice', () => {
    const seconds = fc.array(
      fc.record({
        rttMs: fc.integer({ min: 0, max: 900 }),
        mos: fc.option(fc.double({ min: 1, max: 4.4, noNaN: true })),
        pathKey: fc.constantFrom('path-1', 'path-2'),
        sent: fc.record({ bytes: fc.constantFrom(0, 4000), level: fc.constantFrom(0, 0.1, 0.5) }),
        received: fc.record({ bytes: fc.constantFrom(0, 4000), level: fc.constantFrom(0, 0.1) }),
        facts: fc.record({
          isJoined: fc.boolean(),
          isHeld: fc.boolean(),
          isMuted: fc.boolean(),
          transport: fc.constantFrom('connected' as const, 'disconnected' as const),
          remoteAudio: fc.constantFrom('on' as const, 'muted' as const),
        }),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(seconds, (all) => {
        const watch = new Watch();
        for (const second of all) watch.pass(1, second);
        for (const { name } of WARNING_RULES) {
          const told = watch.told.filter((what) => what.slice(1) === name);
          told.forEach((what, index) => expect(what[0]).toBe(index % 2 === 0 ? '+' : '-'));
          expect(watch.raised.includes(name)).toBe(told.length % 2 === 1);
        }
        expect(watch.state.ticks.length).toBeLessThanOrEqual(12);
      }),
    );
  });
});

describe('one word for the whole', () => {
  it('[QY14] follows the score, becomes worse at once and better after five seconds', () => {
    const watch = new Watch().pass(5);
    expect(watch.level).toBe('excellent');
    watch.pass(5, { mos: 3.9 });
    expect(watch.level).toBe('good');
    watch.pass(9);
    expect(watch.level).toBe('excellent');
    expect(watch.told.filter((word, index) => word !== watch.told[index - 1])).toEqual([
      'excellent',
      'good',
      'excellent',
    ]);
  });

  it('[QY14] says why it is not better', () => {
    const watch = new Watch().pass(5).pass(3, { rttMs: 500 });
    expect(watch.state.quality).toEqual({ level: 'fair', mos: 4.3, reasons: ['high-rtt'] });
    watch.pass(3, { received: { bytes: 0, packets: 0 }, mos: null });
    expect(watch.state.quality).toMatchObject({ level: 'lost', reasons: ['high-rtt', 'low-bytes-received'] });
  });

  it('[QY14] is nothing on hold and before anybody is joined', () => {
    const watch = new Watch().pass(3, { facts: { isJoined: false } });
    expect(watch.told).toEqual([]);
    watch.pass(3).pass(1, { facts: { isHeld: true } });
    expect(watch.state.quality).toBeNull();
  });
});
