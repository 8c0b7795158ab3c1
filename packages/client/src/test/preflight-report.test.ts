import { describe, expect, it } from 'vitest';
import type { Sample } from '../core/quality/quality.ts';
import {
  reportOf,
  type PreflightCheck,
  type PreflightCheckName,
  type PreflightFindings,
} from '../preflight/report.ts';

const NAMES: readonly PreflightCheckName[] = [
  'microphone',
  'camera',
  'gateway',
  'udp',
  'tcp',
  'turn',
  'echo',
];
type States = Partial<Record<PreflightCheckName, Omit<PreflightCheck, 'name' | 'durationMs'>>>;

function found(states: States, mos = 4.2, more: Partial<PreflightFindings> = {}): PreflightFindings {
  const sample = {
    mos,
    rttMs: 30,
    path: { protocol: 'udp', localType: 'prflx', relayProtocol: null, availableBps: null },
    received: { audio: { jitterMs: 4, lossFraction: 0.01 } },
  } as Sample;
  return {
    checks: NAMES.map((name) => ({ name, durationMs: 1, ...(states[name] ?? { state: 'passed' }) })),
    samples: [sample, { ...sample, mos: mos - 0.2 }],
    warnings: [],
    startedAtMs: 0,
    endedAtMs: 9000,
    ...more,
  };
}

const noWay = { state: 'failed', reason: 'no-way' } as const;

describe('the verdict', () => {
  it('[QY23] passes where everything does', () => {
    expect(reportOf(found({}))).toMatchObject({
      verdict: 'pass',
      reasons: [],
      mos: { average: 4.1, min: 4 },
      rttMs: 30,
      jitterMs: 4,
      lossFraction: 0.01,
      isTurnNeeded: false,
      path: 'udp',
    });
  });

  it('[QY23] fails where nobody could be heard, and says why', () => {
    const cases: [States, string][] = [
      [{ microphone: { state: 'failed', reason: 'microphone-in-use' } }, 'microphone-in-use'],
      [{ gateway: { state: 'failed', reason: 'token-expired' } }, 'token-expired'],
      [{ echo: { state: 'failed', reason: 'no-echo' } }, 'no-echo'],
    ];
    for (const [states, reason] of cases) {
      expect(reportOf(found(states))).toMatchObject({ verdict: 'fail', reasons: [reason] });
    }
  });

  it('[QY23] warns where it works and is not good: a relay is needed, the sound is poor, the camera is not to be had', () => {
    expect(reportOf(found({ udp: noWay, tcp: noWay }))).toMatchObject({
      verdict: 'warn',
      reasons: ['turn-needed'],
      isTurnNeeded: true,
    });
    expect(reportOf(found({}, 3.2, { warnings: ['high-packet-loss'] }))).toMatchObject({
      verdict: 'warn',
      reasons: ['low-quality', 'high-packet-loss'],
    });
    expect(reportOf(found({ camera: { state: 'failed', reason: 'camera-in-use' } }))).toMatchObject({
      verdict: 'warn',
      reasons: ['camera-unusable', 'camera-in-use'],
    });
  });

  it('[QY23] says nothing about TURN where none was offered and nothing came through', () => {
    const nothing = { udp: noWay, tcp: noWay, turn: { state: 'skipped' }, echo: noWay } as const;
    const report = reportOf(found(nothing, 4, { samples: [] }));
    expect(report).toMatchObject({ verdict: 'fail', isTurnNeeded: null, mos: null, path: null });
  });
});
