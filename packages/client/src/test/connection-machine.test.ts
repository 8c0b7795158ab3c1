import { WIRE_LIMITS, type ClientMessage, type Decoded, type ServerMessage } from '@parley/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  connectionDeadlineMs,
  CONNECTION_LIMITS,
  OFFLINE,
  type Connection,
  type ConnectionInput,
  type ConnectionOutput,
  type PageStep,
} from '../core/connection.ts';
import { stepConnection } from '../core/connection-machine.ts';
import { inCall, resume, suspend, wake } from '../core/connection-page.ts';

/** A machine, its time and what it has put out; told one thing after the other. */
class Bench {
  state: Connection = OFFLINE;
  nowMs = 1000;
  outputs: ConnectionOutput[] = [];
  canAskToken = true;
  random = 0.5;

  tell(...inputs: readonly ConnectionInput[]): this {
    for (const input of inputs) {
      const { state, outputs } = stepConnection(this.state, input, this);
      this.state = state;
      this.outputs.push(...outputs);
    }
    return this;
  }

  at(nowMs: number): this {
    this.nowMs = nowMs;
    return this.tell({ type: 'clock' });
  }

  /** What was put out since the last look. */
  look(): string[] {
    const seen = this.outputs.map((output) =>
      output.type === 'transmit' ? output.message.type : output.type,
    );
    this.outputs = [];
    return seen;
  }

  online(welcome: Partial<Extract<ServerMessage, { type: 'welcome' }>> = {}): this {
    return this.tell(
      { type: 'want', wanted: 'registered' },
      { type: 'tokenCame', token: 't' },
      { type: 'opened' },
      frame(greeting(welcome)),
    );
  }
}

const greeting = (changes: object = {}): ServerMessage =>
  ({
    type: 'welcome',
    sessionId: 'session-1',
    resumeToken: 'resume-1',
    resumed: false,
    identity: 'jenny',
    registered: true,
    heartbeatMs: 10_000,
    graceMs: 30_000,
    tokenExpiresInMs: 60_000,
    rtpCapabilities: {},
    calls: [],
    lastSeq: 0,
    ...changes,
  }) as unknown as ServerMessage;

const frame = (message: ServerMessage): ConnectionInput => ({
  type: 'frame',
  decoded: { ok: true, message },
});
const numbered = (seq: number): ConnectionInput =>
  frame({ type: 'ringing', seq, callId: 'call-0001' as never });
const page = (step: PageStep): ConnectionInput => ({ type: 'page', step });
const AWAKE = page(wake);
const say = (type: 'alerting' | 'hangup', id = 'r1'): ConnectionInput => ({
  type: 'say',
  message: { type, callId: 'call-0001', ...(type === 'hangup' ? { id } : {}) } as ClientMessage,
});
const closed = (code: number): ConnectionInput => ({ type: 'closed', code, reason: '' });

describe('connecting', () => {
  it('[CS1] asks for a token, opens a socket, says hello, and is online with the welcome', () => {
    const bench = new Bench();
    bench.tell({ type: 'want', wanted: 'registered' });
    expect(bench.look()).toEqual(['askToken']);
    bench.tell({ type: 'tokenCame', token: 't' });
    expect(bench.look()).toEqual(['openSocket']);
    bench.tell({ type: 'opened' });
    expect(bench.outputs).toMatchObject([{ message: { type: 'hello', token: 't', register: true } }]);
    bench.look();
    bench.tell(frame(greeting()));
    expect(bench.look()).toEqual(['welcomed']);
    expect(bench.state.link.name).toBe('online');
  });

  it('[CS2] tries again with growing pauses, spread by chance, never above the ceiling', () => {
    for (const random of [0, 0.5, 0.999]) {
      const bench = new Bench();
      bench.random = random;
      bench.tell({ type: 'want', wanted: 'connected' }, { type: 'tokenCame', token: 't' });
      let longestMs = 0;
      for (let attempt = 0; attempt < 12; attempt += 1) {
        bench.tell(closed(1006));
        const untilMs = connectionDeadlineMs(bench.state);
        const pauseMs = (untilMs ?? 0) - bench.nowMs;
        expect(pauseMs).toBeGreaterThanOrEqual(CONNECTION_LIMITS.backOffFirstMs / 2);
        expect(pauseMs).toBeLessThanOrEqual(CONNECTION_LIMITS.backOffMaxMs);
        longestMs = Math.max(longestMs, pauseMs);
        bench.at(untilMs ?? 0);
      }
      expect(longestMs).toBeGreaterThanOrEqual(CONNECTION_LIMITS.backOffMaxMs / 2);
    }
  });

  it.each([4400, 4403, 4409, 4413, 4426])('[CS3] does not try again after close code %i', (code) => {
    const bench = new Bench().online();
    bench.look();
    bench.tell(closed(code));
    expect(bench.state.link.name).toBe('offline');
    expect(bench.look()).toEqual(['sessionLost', 'failed']);
    expect(connectionDeadlineMs(bench.state)).toBeNull();
  });

  it.each([4401, 4402])('[CS4] asks the provider once more after close code %i, and only once', (code) => {
    const bench = new Bench();
    bench.tell({ type: 'want', wanted: 'connected' }, { type: 'tokenCame', token: 'old' }, closed(code));
    expect(bench.look()).toEqual(['askToken', 'openSocket', 'askToken']);
    bench.tell({ type: 'tokenCame', token: 'new' }, closed(code));
    expect(bench.look()).toEqual(['openSocket', 'failed']);
    expect(bench.state.link.name).toBe('offline');
  });

  it('[CS4] gives up at once on a refused token that was given as a string', () => {
    const bench = new Bench();
    bench.canAskToken = false;
    bench.tell({ type: 'want', wanted: 'connected' }, { type: 'tokenCame', token: 't' }, closed(4401));
    expect(bench.outputs.at(-1)).toMatchObject({
      type: 'failed',
      isFatal: true,
      failure: { name: 'token-invalid' },
    });
  });

  it('[CS5] waits for nobody for ever', () => {
    const bench = new Bench();
    bench.tell({ type: 'want', wanted: 'connected' });
    bench.at(1000 + CONNECTION_LIMITS.tokenMs);
    expect(bench.state.link.name).toBe('waiting');
    bench.tell({ type: 'tokenCame', token: 't' }).at(connectionDeadlineMs(bench.state) ?? 0);
    expect(bench.state.link.name).toBe('opening');
    bench.at(bench.nowMs + CONNECTION_LIMITS.openMs);
    expect(bench.look()).toContain('closeSocket');
    expect(bench.state.link.name).toBe('waiting');
  });
});

describe('online', () => {
  it('[CS6] gives a sign of life at every heartbeat, and takes silence for death', () => {
    const bench = new Bench().online();
    bench.look();
    bench.at(11_000);
    expect(bench.outputs).toMatchObject([{ message: { type: 'ping', lastSeq: 0 } }]);
    bench.tell(frame({ type: 'pong' })).at(21_000);
    bench.look();
    bench.at(21_000 + CONNECTION_LIMITS.pongMs);
    expect(bench.look()).toEqual(['closeSocket', 'failed']);
    expect(bench.state.link.name).toBe('waiting');
    expect(bench.state.session?.lostAtMs).toBe(bench.nowMs);
  });

  it('[CS6] looks at once, and with less patience, when the page wakes or the network changes', () => {
    const bench = new Bench().online();
    bench.look();
    bench.tell(AWAKE);
    expect(bench.look()).toEqual(['ping']);
    expect(connectionDeadlineMs(bench.state)).toBe(bench.nowMs + CONNECTION_LIMITS.probeMs);
  });

  it('[CS7] hears every notification once and in order; a gap means that the socket is not to be trusted', () => {
    const bench = new Bench().online();
    bench.look();
    bench.tell(numbered(1), numbered(1), numbered(2));
    expect(bench.look()).toEqual(['notified', 'notified']);
    bench.tell(numbered(4));
    expect(bench.look()).toEqual(['closeSocket', 'failed']);
    expect(bench.state.session?.lastSeq).toBe(2);
  });

  it('[CS7] counts what it does not understand, and goes on', () => {
    const bench = new Bench().online();
    const unknown: Decoded<ServerMessage> = {
      ok: false,
      unknownType: true,
      seq: 1,
      error: { code: 1, name: 'unknown-message', message: '' },
    };
    bench.look();
    bench.tell({ type: 'frame', decoded: unknown }, numbered(2));
    expect(bench.look()).toEqual(['misread', 'notified']);
  });
});

describe('a socket that is lost', () => {
  it('[CS8] is followed by another that takes the session up, and hears again what is not known to have arrived', () => {
    const bench = new Bench().online();
    bench.tell(numbered(1), say('alerting'), say('hangup'), closed(1006));
    bench.tell(say('alerting'));
    bench.look();
    bench.at(connectionDeadlineMs(bench.state) ?? 0).tell({ type: 'opened' });
    expect(bench.outputs.at(-1)).toMatchObject({
      message: { resume: { sessionId: 'session-1', lastSeq: 1 } },
    });
    bench.look();
    bench.tell(frame(greeting({ resumed: true, lastSeq: 1 })));
    expect(bench.look()).toEqual(['welcomed', 'alerting', 'hangup', 'alerting']);
  });

  it('[CS8] does not hear again what a pong or a reply has proved', () => {
    const bench = new Bench().online();
    bench.tell(say('alerting'), AWAKE, frame({ type: 'pong' }), say('alerting'), say('hangup', 'r7'));
    bench.tell(
      frame({ type: 'reply', re: 'r7' as never, ok: true, data: {} }),
      say('hangup', 'r8'),
      closed(1006),
    );
    bench.at(connectionDeadlineMs(bench.state) ?? 0).tell({ type: 'opened' });
    bench.look();
    bench.tell(frame(greeting({ resumed: true })));
    expect(bench.look()).toEqual(['welcomed', 'hangup']);
  });

  it('[CS8] keeps a request until it is answered itself, since answers are not replayed', () => {
    const bench = new Bench().online();
    bench.tell(say('hangup'), AWAKE, frame({ type: 'pong' }));
    expect(bench.state.outbox.entries).toHaveLength(1);
  });

  it('[CS9] loses the session with the grace, not before, and tells what will never be answered', () => {
    const bench = new Bench().online();
    bench.tell(say('hangup'), closed(1006)).look();
    const endMs = bench.nowMs + 30_000 + CONNECTION_LIMITS.graceMarginMs;
    bench.at(endMs - 1);
    expect(bench.state.session).not.toBeNull();
    bench.at(endMs);
    expect(bench.look()).toContain('sessionLost');
    expect(bench.state.session).toBeNull();
    expect(bench.state.link.name).not.toBe('offline');
  });

  it('[CS9] says nothing to a new session that was meant for the old one, except what had never been said', () => {
    const bench = new Bench().online();
    bench.tell(say('hangup', 'r1'), closed(1006), say('hangup', 'r2'));
    bench.at(connectionDeadlineMs(bench.state) ?? 0).tell({ type: 'opened' });
    bench.look();
    bench.tell(frame(greeting({ sessionId: 'session-2' })));
    expect(bench.outputs.map(({ type }) => type)).toEqual(['sessionLost', 'welcomed', 'transmit']);
    expect(bench.outputs).toMatchObject([{ unanswered: [{ id: 'r1' }] }, {}, { message: { id: 'r2' } }]);
  });
});

describe('a page that goes', () => {
  it('[CS10] for good says bye, so that nobody waits for it', () => {
    const bench = new Bench().online();
    bench.look();
    bench.tell({ type: 'pageLeft', mayReturn: false });
    expect(bench.look()).toEqual(['bye', 'closeSocket', 'sessionLost']);
  });

  it('[CS11] into the cache closes its socket without a bye, and takes the session up when it comes back', () => {
    const bench = new Bench().online();
    bench.look();
    bench.tell(page(suspend));
    expect(bench.look()).toEqual(['closeSocket']);
    bench.tell(page(resume), { type: 'opened' });
    expect(bench.outputs.at(-1)).toMatchObject({
      message: { type: 'hello', resume: { sessionId: 'session-1' } },
    });
  });
});

const anyInput: fc.Arbitrary<ConnectionInput> = fc.oneof(
  fc.constantFrom<ConnectionInput>(
    { type: 'want', wanted: 'registered' },
    { type: 'want', wanted: 'connected' },
    { type: 'want', wanted: 'nothing' },
    { type: 'tokenCame', token: 't' },
    { type: 'tokenFailed', message: 'no' },
    { type: 'opened' },
    page(suspend),
    page(resume),
    { type: 'pageLeft', mayReturn: false },
    { type: 'pageLeft', mayReturn: true },
    page(inCall(true)),
    page(inCall(false)),
    AWAKE,
    { type: 'clock' },
    frame({ type: 'pong' }),
    frame(greeting()),
    frame(greeting({ resumed: true })),
    say('alerting'),
  ),
  fc.nat(40).map((id) => say('hangup', `r${id}`)),
  fc.nat(40).map((id) => frame({ type: 'reply', re: `r${id}` as never, ok: true, data: {} })),
  fc.integer({ min: 1, max: 6 }).map(numbered),
  fc.constantFrom(1000, 1001, 1006, 4401, 4402, 4403, 4409, 4429, 4503).map(closed),
);

describe('whatever happens', () => {
  it('[CS12] there is one socket at most, every wait has a deadline, and no notification is heard twice', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyInput, fc.nat(20_000)), { maxLength: 80 }), (script) => {
        const bench = new Bench();
        let isOpen = false;
        let heard = 0;
        for (const [input, laterMs] of script) {
          bench.nowMs += laterMs;
          if (input.type === 'closed') isOpen = false;
          bench.outputs = [];
          const before = bench.state;
          bench.tell(input);
          for (const output of bench.outputs) {
            if (output.type === 'openSocket') {
              expect(isOpen).toBe(false);
              isOpen = true;
            }
            if (output.type === 'closeSocket') isOpen = false;
            if (output.type === 'sessionLost' || output.type === 'welcomed') heard = 0;
            if (output.type === 'notified') {
              expect(output.message.seq).toBe((before.session?.lastSeq ?? 0) + 1);
              heard += 1;
            }
          }
          const { link } = bench.state;
          const waits = link.name !== 'offline' && link.name !== 'suspended';
          if (waits) expect(connectionDeadlineMs(bench.state)).not.toBeNull();
          if (link.name === 'offline') expect(bench.state.session).toBeNull();
          expect(bench.state.outbox.entries.length).toBeLessThanOrEqual(WIRE_LIMITS.replayFramesMax * 2);
        }
        expect(heard).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });
});
