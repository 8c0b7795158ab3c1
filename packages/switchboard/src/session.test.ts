import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestId, ServerMessage, ServerNotification, Unnumbered } from '@parley/protocol';
import {
  isRegistered,
  openSession,
  sessionDeadlineMs,
  stepSession,
  type SessionAnswer,
  type SessionInput,
  type SessionLimits,
  type SessionOutput,
  type SessionState,
} from './session.ts';

const LIMITS: SessionLimits = {
  silenceMs: 37_500,
  graceMs: 30_000,
  leavingGraceMs: 3_000,
  returnGraceMs: 6_000,
  replayFramesMax: 4,
  requestsAtOnceMax: 3,
  requestTimeoutMs: 20_000,
  answersMax: 2,
  answerKeptMs: 120_000,
  tokenWarningMs: 60_000,
  clockSkewMs: 30_000,
};
const HOUR_MS = 3_600_000;

/** One session and a clock turned by hand. */
class Bench {
  state: SessionState = openSession(
    { wantsCalls: true, mayBeRung: true, tokenExpiresAtMs: HOUR_MS },
    LIMITS,
    0,
  );
  nowMs = 0;

  feed(input: SessionInput): readonly SessionOutput[] {
    const step = stepSession(this.state, input, LIMITS, this.nowMs);
    this.state = step.state;
    return step.outputs;
  }

  /** Lets time pass, stopping at every deadline as the shell does. */
  passTo(untilMs: number): readonly SessionOutput[] {
    const outputs: SessionOutput[] = [];
    for (;;) {
      const dueMs = sessionDeadlineMs(this.state, LIMITS);
      if (dueMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, dueMs);
      outputs.push(...this.feed({ type: 'clock' }));
    }
    this.nowMs = untilMs;
    return outputs;
  }

  /** Lets time pass while the page goes on pinging. */
  pingTo(untilMs: number): readonly SessionOutput[] {
    const outputs: SessionOutput[] = [];
    for (let atMs = this.nowMs; atMs <= untilMs; atMs += 15_000) {
      outputs.push(...this.passTo(atMs));
      this.feed({ type: 'heard' });
    }
    return [...outputs, ...this.passTo(untilMs)];
  }

  get waiting(): number {
    return this.state.name === 'gone' ? 0 : this.state.unread.length;
  }
}

function notice(inMs = 0): { readonly type: 'notice'; readonly notice: Unnumbered } {
  return { type: 'notice', notice: { type: 'goAway', inMs } };
}

const id = (name: string): RequestId => name as RequestId;
const reply = (name: string): SessionAnswer => ({ type: 'reply', re: id(name), ok: true, data: {} });

function sent(outputs: readonly SessionOutput[]): readonly ServerMessage[] {
  return outputs.flatMap((output) => (output.type === 'send' ? [output.message] : []));
}

function seqs(outputs: readonly SessionOutput[]): readonly number[] {
  return sent(outputs).flatMap((message) => ('seq' in message ? [message.seq] : []));
}

describe('notifications', () => {
  it('[SS1] are numbered from 1, online and away alike', () => {
    const bench = new Bench();
    expect(seqs(bench.feed(notice()))).toEqual([1]);
    bench.feed({ type: 'socketLost' });
    expect(bench.feed(notice())).toEqual([]);
    expect(bench.feed(notice())).toEqual([]);
    expect(seqs(bench.feed({ type: 'resume', lastSeq: 1 }))).toEqual([2, 3]);
    expect(seqs(bench.feed(notice()))).toEqual([4]);
  });

  it('[SS3] are kept until the device has said it got them', () => {
    const bench = new Bench();
    for (let n = 0; n < 3; n++) bench.feed(notice());
    expect(bench.waiting).toBe(3);
    expect(sent(bench.feed({ type: 'ping', lastSeq: 2 }))).toEqual([{ type: 'pong' }]);
    expect(bench.waiting).toBe(1);
    bench.feed({ type: 'ping', lastSeq: 3 });
    expect(bench.waiting).toBe(0);
  });

  it('[SS3] above the ceiling the oldest goes, and only a device that lacks it is refused', () => {
    const lacking = new Bench();
    const reader = new Bench();
    for (const bench of [lacking, reader]) {
      bench.feed(notice());
      bench.feed({ type: 'socketLost' });
      for (let n = 0; n < LIMITS.replayFramesMax; n++) bench.feed(notice());
      expect(bench.waiting).toBe(LIMITS.replayFramesMax);
    }
    expect(seqs(reader.feed({ type: 'resume', lastSeq: 1 }))).toEqual([2, 3, 4, 5]);
    expect(lacking.feed({ type: 'resume', lastSeq: 0 })).toEqual([
      { type: 'resumeRefused' },
      { type: 'gone', how: 'lost' },
    ]);
  });

  it('[SS4] a number never given out trims nothing and resumes nothing', () => {
    const bench = new Bench();
    bench.feed(notice());
    bench.feed({ type: 'ping', lastSeq: 99 });
    expect(bench.waiting).toBe(1);
    expect(bench.feed({ type: 'resume', lastSeq: 2 })).toEqual([
      { type: 'closeSocket', why: 'replaced' },
      { type: 'resumeRefused' },
      { type: 'gone', how: 'lost' },
    ]);
    expect(new Bench().feed({ type: 'resume', lastSeq: 0.5 })).toContainEqual({ type: 'resumeRefused' });
  });
});

describe('presence of the device', () => {
  it('[SS5] a silent page is taken for lost at the deadline, not before', () => {
    const bench = new Bench();
    expect(bench.passTo(37_499)).toEqual([]);
    expect(bench.passTo(37_500)).toEqual([{ type: 'closeSocket', why: 'heartbeatLost' }, { type: 'away' }]);
  });

  it('[SS5] any valid frame is a sign of life', () => {
    const bench = new Bench();
    bench.passTo(30_000);
    bench.feed({ type: 'heard' });
    expect(bench.passTo(60_000)).toEqual([]);
    bench.feed({ type: 'ping', lastSeq: 0 });
    expect(bench.passTo(97_499)).toEqual([]);
    expect(bench.state.name).toBe('online');
  });

  it('[SS6] a device that stays away is gone when its grace is over, not before', () => {
    const bench = new Bench();
    expect(bench.feed({ type: 'socketLost' })).toEqual([{ type: 'away' }]);
    expect(bench.passTo(29_999)).toEqual([]);
    expect(bench.passTo(30_000)).toEqual([{ type: 'gone', how: 'lost' }]);
  });

  it('[SS6] a device that is back in time goes on', () => {
    const bench = new Bench();
    bench.feed({ type: 'socketLost' });
    bench.passTo(29_999);
    expect(bench.feed({ type: 'resume', lastSeq: 0 })).toEqual([{ type: 'welcome' }, { type: 'back' }]);
    expect(bench.passTo(60_000)).toEqual([]);
  });

  it('[SS19] a device whose browser closed the socket has a moment to come back, and no more', () => {
    const left = new Bench();
    left.feed({ type: 'socketLost', isLeaving: true });
    expect(left.passTo(2_999)).toEqual([]);
    expect(left.passTo(3_000)).toEqual([{ type: 'gone', how: 'lost' }]);
    const stays = new Bench();
    stays.feed({ type: 'socketLost', isLeaving: true });
    stays.passTo(2_999);
    expect(stays.feed({ type: 'resume', lastSeq: 0 })).toEqual([{ type: 'welcome' }, { type: 'back' }]);
    stays.feed({ type: 'socketLost' });
    expect(stays.passTo(32_998)).toEqual([]);
  });

  it('[RY14] a page that may return is waited for as long as one takes to load, and no longer', () => {
    const left = new Bench();
    left.feed({ type: 'mayReturn' });
    left.feed({ type: 'socketLost', isLeaving: true });
    expect(left.passTo(5_999)).toEqual([]);
    expect(left.passTo(6_000)).toEqual([{ type: 'gone', how: 'lost' }]);
    const back = new Bench();
    back.feed({ type: 'mayReturn' });
    back.feed({ type: 'socketLost', isLeaving: true });
    back.passTo(5_999);
    expect(back.feed({ type: 'resume', lastSeq: 0 })).toEqual([{ type: 'welcome' }, { type: 'back' }]);
    expect(back.feed({ type: 'bye' })).toContainEqual({ type: 'gone', how: 'bye' });
  });

  it('[SS7] bye ends it at once, online or away', () => {
    expect(new Bench().feed({ type: 'bye' })).toEqual([
      { type: 'closeSocket', why: 'bye' },
      { type: 'gone', how: 'bye' },
    ]);
    const away = new Bench();
    away.feed({ type: 'socketLost' });
    expect(away.feed({ type: 'bye' })).toEqual([{ type: 'gone', how: 'bye' }]);
  });

  it('[SS8] what is gone stays gone, and a resume that crosses the end is refused', () => {
    const bench = new Bench();
    bench.feed({ type: 'bye' });
    expect(bench.feed(notice())).toEqual([]);
    expect(bench.feed({ type: 'bye' })).toEqual([]);
    expect(bench.feed({ type: 'request', id: id('a') })).toEqual([]);
    expect(bench.feed({ type: 'resume', lastSeq: 0 })).toEqual([{ type: 'resumeRefused' }]);
    expect(sessionDeadlineMs(bench.state, LIMITS)).toBe(Infinity);
  });

  it('[SS9] a newer socket takes the place of the older, and nobody was away', () => {
    const bench = new Bench();
    bench.feed(notice());
    expect(bench.feed({ type: 'resume', lastSeq: 1 })).toEqual([
      { type: 'closeSocket', why: 'replaced' },
      { type: 'welcome' },
    ]);
  });
});

describe('requests', () => {
  it('[SS11] a repeated id is not carried out again, and is answered with the same words', () => {
    const bench = new Bench();
    expect(bench.feed({ type: 'request', id: id('a') })).toEqual([{ type: 'carryOut' }]);
    expect(bench.feed({ type: 'request', id: id('a') })).toEqual([]);
    expect(sent(bench.feed({ type: 'answered', answer: reply('a') }))).toEqual([reply('a')]);
    expect(sent(bench.feed({ type: 'request', id: id('a') }))).toEqual([reply('a')]);
  });

  it('[SS11] an answer that comes while the device is away waits for the request to be sent again', () => {
    const bench = new Bench();
    bench.feed({ type: 'request', id: id('a') });
    bench.feed({ type: 'socketLost' });
    expect(bench.feed({ type: 'answered', answer: reply('a') })).toEqual([]);
    bench.feed({ type: 'resume', lastSeq: 0 });
    expect(sent(bench.feed({ type: 'request', id: id('a') }))).toEqual([reply('a')]);
  });

  it('[SS12] more at once than the ceiling is refused, and the refusal is not remembered', () => {
    const bench = new Bench();
    for (const name of ['a', 'b', 'c']) bench.feed({ type: 'request', id: id(name) });
    expect(sent(bench.feed({ type: 'request', id: id('d') }))).toMatchObject([
      { type: 'refusal', re: 'd', error: { name: 'too-many' } },
    ]);
    bench.feed({ type: 'answered', answer: reply('b') });
    expect(bench.feed({ type: 'request', id: id('d') })).toEqual([{ type: 'carryOut' }]);
  });

  it('[SS13] keeps the newest answers, for a while', () => {
    const bench = new Bench();
    for (const name of ['a', 'b', 'c']) {
      bench.feed({ type: 'request', id: id(name) });
      bench.feed({ type: 'answered', answer: reply(name) });
    }
    expect(sent(bench.feed({ type: 'request', id: id('c') }))).toEqual([reply('c')]);
    expect(bench.feed({ type: 'request', id: id('a') })).toEqual([{ type: 'carryOut' }]);
    bench.feed({ type: 'answered', answer: reply('a') });
    bench.pingTo(200_000);
    expect(bench.state).toMatchObject({ name: 'online', requests: [] });
  });

  it('[SS14] a request nobody answers is refused, and a late answer is dropped', () => {
    const bench = new Bench();
    bench.feed({ type: 'request', id: id('a') });
    expect(bench.passTo(19_999)).toEqual([]);
    expect(sent(bench.passTo(20_000))).toMatchObject([
      { type: 'refusal', re: 'a', error: { name: 'internal' } },
    ]);
    expect(bench.feed({ type: 'answered', answer: reply('a') })).toEqual([]);
    expect(sent(bench.feed({ type: 'request', id: id('a') }))).toMatchObject([{ type: 'refusal', re: 'a' }]);
  });
});

describe('token', () => {
  it('[SS15] running out unregisters the device and leaves the session alone', () => {
    const bench = new Bench();
    const outputs = bench.pingTo(HOUR_MS + LIMITS.clockSkewMs);
    expect(outputs.at(-1)).toEqual({ type: 'unregistered' });
    expect(bench.state.name).toBe('online');
    expect(isRegistered(bench.state)).toBe(false);
    bench.feed({ type: 'socketLost' });
    expect(bench.feed({ type: 'resume', lastSeq: 1 })).toContainEqual({ type: 'welcome' });
  });

  it('[SS16] is announced once, ahead of time, and anew for a renewed one', () => {
    const bench = new Bench();
    expect(bench.pingTo(HOUR_MS - 60_001)).toEqual([]);
    expect(sent(bench.pingTo(HOUR_MS - 1))).toEqual([{ type: 'tokenExpiring', seq: 1, inMs: 60_000 }]);
    bench.feed({ type: 'tokenRenewed', expiresAtMs: 2 * HOUR_MS, mayBeRung: true });
    expect(sent(bench.pingTo(2 * HOUR_MS - 1))).toEqual([{ type: 'tokenExpiring', seq: 2, inMs: 60_000 }]);
  });

  it('[SS16] is not announced to a device that is away', () => {
    const bench = new Bench();
    bench.pingTo(HOUR_MS - 61_000);
    bench.feed({ type: 'socketLost' });
    expect(sent(bench.passTo(HOUR_MS - 50_000))).toEqual([]);
  });

  it('[SS17] renewed, lets the device ring again, if it allows that', () => {
    const bench = new Bench();
    bench.pingTo(HOUR_MS + LIMITS.clockSkewMs);
    expect(bench.feed({ type: 'tokenRenewed', expiresAtMs: 3 * HOUR_MS, mayBeRung: false })).toEqual([]);
    expect(bench.feed({ type: 'tokenRenewed', expiresAtMs: 3 * HOUR_MS, mayBeRung: true })).toEqual([
      { type: 'registered' },
    ]);
    expect(bench.feed({ type: 'wantsCalls', on: false })).toEqual([{ type: 'unregistered' }]);
    expect(bench.feed({ type: 'wantsCalls', on: true })).toEqual([{ type: 'registered' }]);
  });
});

it('[SS18] an idle session shares its empty collections with every other', () => {
  const [one, other] = [new Bench(), new Bench()];
  one.feed(notice());
  one.feed({ type: 'ping', lastSeq: 1 });
  if (one.state.name !== 'online' || other.state.name !== 'online') throw new Error('both are online');
  expect(one.state.unread).toBe(other.state.unread);
  expect(one.state.requests).toBe(other.state.requests);
});

/**
 * A device and its sockets, as badly behaved as networks are: frames on a socket arrive in order and some while after;
 * a socket may die at any moment with frames in it, and the gateway may notice early, late, or by a newer socket.
 */
const move = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ type: 'notice' } as const) },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('deliver' as const), frames: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ type: 'ping' } as const) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('die' as const), noticed: fc.boolean() }) },
  { weight: 3, arbitrary: fc.constant({ type: 'comeBack' } as const) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 30_000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('request' as const), id: fc.constantFrom('a', 'b', 'c', 'd') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('answer' as const), id: fc.constantFrom('a', 'b', 'c', 'd') }),
  },
);

it('[SS1] [SS2] [SS8] [SS11] whatever the network does: no gap, nothing twice, gone once, and nothing after it', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 80 }), fc.boolean(), (moves, saysBye) => {
      const bench = new Bench();
      let wire: ServerMessage[] | undefined = [];
      let told = 0;
      let isRefused = false;
      let goneCount = 0;
      const got: number[] = [];
      const carriedOut = new Map<string, number>();

      const perform = (outputs: readonly SessionOutput[], requestId?: string): void => {
        for (const output of outputs) {
          expect(goneCount === 0 || output.type === 'resumeRefused').toBe(true);
          if (output.type === 'send') wire?.push(output.message);
          else if (output.type === 'closeSocket' && output.why !== 'replaced') wire = undefined;
          else if (output.type === 'gone') goneCount += 1;
          else if (output.type === 'resumeRefused') isRefused = true;
          else if (output.type === 'carryOut')
            carriedOut.set(requestId ?? '', (carriedOut.get(requestId ?? '') ?? 0) + 1);
        }
      };
      const deliver = (frames: number): void => {
        for (const message of wire?.splice(0, frames) ?? []) if ('seq' in message) got.push(message.seq);
      };

      for (const one of moves) {
        switch (one.type) {
          case 'notice':
            if (bench.state.name !== 'gone') told += 1;
            perform(bench.feed(notice(told)));
            break;
          case 'deliver':
            deliver(one.frames);
            break;
          case 'ping':
            if (wire !== undefined) perform(bench.feed({ type: 'ping', lastSeq: got.at(-1) ?? 0 }));
            break;
          case 'die':
            wire = undefined;
            if (one.noticed) perform(bench.feed({ type: 'socketLost' }));
            break;
          case 'comeBack':
            if (isRefused || wire !== undefined) break;
            wire = [];
            perform(bench.feed({ type: 'resume', lastSeq: got.at(-1) ?? 0 }));
            break;
          case 'pass':
            perform(bench.passTo(bench.nowMs + one.ms));
            break;
          case 'request':
            if (wire !== undefined) perform(bench.feed({ type: 'request', id: id(one.id) }), one.id);
            break;
          case 'answer':
            perform(bench.feed({ type: 'answered', answer: reply(one.id) }));
            break;
        }
        // In order, once each, from 1: at every moment and not only at the end.
        expect(got).toEqual(got.map((_, index) => index + 1));
      }
      if (!isRefused && bench.state.name !== 'gone') {
        wire = [];
        perform(bench.feed({ type: 'resume', lastSeq: got.at(-1) ?? 0 }));
        deliver(Infinity);
        if (!isRefused) expect(got).toHaveLength(told);
      }
      perform(saysBye ? bench.feed({ type: 'bye' }) : bench.passTo(bench.nowMs + 100_000));
      perform(bench.feed({ type: 'bye' }));
      perform(bench.passTo(bench.nowMs + HOUR_MS));
      expect(goneCount).toBe(1);
      expect(got).toEqual(got.map((_, index) => index + 1));
    }),
    { numRuns: 500 },
  );
});

it('[SS11] [SS13] an id is carried out once as long as its answer is kept, and never twice at the same time', () => {
  const ask = fc.record({ ask: fc.boolean(), id: fc.constantFrom('a', 'b', 'c', 'd', 'e') });
  fc.assert(
    fc.property(fc.array(ask, { maxLength: 60 }), (asks) => {
      const bench = new Bench();
      const running = new Set<string>();
      const answeredIds: string[] = [];
      for (const one of asks) {
        if (!one.ask) {
          if (sent(bench.feed({ type: 'answered', answer: reply(one.id) })).length === 0) continue;
          expect(running.delete(one.id)).toBe(true);
          answeredIds.push(one.id);
          continue;
        }
        const outputs = bench.feed({ type: 'request', id: id(one.id) });
        if (!outputs.some((output) => output.type === 'carryOut')) continue;
        expect(running.has(one.id)).toBe(false);
        expect(answeredIds.slice(-LIMITS.answersMax)).not.toContain(one.id);
        running.add(one.id);
        expect(running.size).toBeLessThanOrEqual(LIMITS.requestsAtOnceMax);
      }
    }),
  );
});

it('[SS3] never keeps more than the ceiling, and what it keeps has no gap', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant(-1), fc.nat(12)), { maxLength: 40 }), (script) => {
      const bench = new Bench();
      for (const one of script) bench.feed(one < 0 ? notice() : { type: 'ping', lastSeq: one });
      const { unread, lastSeq } = bench.state as Extract<SessionState, { name: 'online' }>;
      expect(unread.length).toBeLessThanOrEqual(LIMITS.replayFramesMax);
      const kept: readonly ServerNotification[] = unread;
      expect(kept.map((one) => one.seq)).toEqual(kept.map((_, index) => lastSeq - kept.length + 1 + index));
    }),
  );
});
