import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  callDeadlineMs,
  ringCall,
  statusOf,
  type CallInput,
  type CallNotice,
  type CallOutput,
  type CallState,
} from '../core/call-state.ts';
import { CALL_LIMITS, placeCall, stepCall } from '../core/call-machine.ts';
import { stepRinging } from '../core/ringing.ts';
import { ClientError } from '../errors.ts';

const callId = 'call-0001' as never;
const placed = (): CallState => placeCall({ video: false }, 0);
const rung = (): CallState =>
  ringCall({ callSid: 'CA0' as never, from: 'alice', media: { audio: true, video: false } });
const notice = (message: object): CallInput => ({
  type: 'notice',
  notice: { seq: 1, callId, ...message } as unknown as CallNotice,
});
const JOINED = notice({ type: 'joined', other: { identity: 'bob' }, video: true });
const ENDED = notice({ type: 'ended', reason: 'remote-hangup', by: 'remote', durationMs: 7 });

function run(state: CallState, ...script: readonly (readonly [atMs: number, input: CallInput])[]) {
  const outputs: CallOutput[] = [];
  let now = state;
  for (const [atMs, input] of script) {
    const step = stepCall(now, input, atMs);
    now = step.state;
    outputs.push(...step.outputs);
  }
  return {
    state: now,
    outputs,
    words: outputs.map((output) => ('name' in output ? output.name : output.type)),
  };
}

describe('how a call ends', () => {
  it('[CS50] an outcome is data: who ended it, why, and for how long it lasted', () => {
    expect(run(placed(), [1, JOINED], [2, ENDED]).outputs.at(-1)).toEqual({
      type: 'over',
      end: { reason: 'remote-hangup', by: 'remote', durationMs: 7 },
    });
    expect(run(placed(), [1, { type: 'hangup' }]).outputs.at(-1)).toMatchObject({
      end: { reason: 'cancelled', by: 'local', durationMs: 0 },
    });
    expect(run(placed(), [100, JOINED], [350, { type: 'hangup' }]).outputs.at(-1)).toMatchObject({
      end: { reason: 'hangup', by: 'local', durationMs: 250 },
    });
    expect(run(rung(), [1, { type: 'hangup' }]).outputs.at(-1)).toMatchObject({
      end: { reason: 'rejected' },
    });
  });

  it('[CS51] says cancel or reject just before disconnect, where Twilio does', () => {
    expect(
      run(rung(), [1, notice({ type: 'ended', reason: 'cancelled', by: 'remote', durationMs: 0 })]).words,
    ).toEqual(['cancel', 'over']);
    expect(
      run(placed(), [1, notice({ type: 'ended', reason: 'busy', by: 'remote', durationMs: 0 })]).words,
    ).toEqual(['reject', 'over']);
    expect(run(rung(), [1, { type: 'accept' }], [2, JOINED], [3, ENDED]).words).toEqual([
      'request',
      'accept',
      'over',
    ]);
  });

  it('[CS52] waits for the reply to connect, and for what follows accept, no longer than it says', () => {
    const waiting = run(placed(), [CALL_LIMITS.replyMs - 1, { type: 'clock' }]);
    expect(waiting.outputs).toEqual([]);
    expect(run(placed(), [CALL_LIMITS.replyMs, { type: 'clock' }]).words).toEqual(['request', 'over']);
    const late = run(rung(), [0, { type: 'accept' }], [CALL_LIMITS.acceptMs, { type: 'clock' }]);
    expect(late.state.phase).toMatchObject({ name: 'ended', end: { reason: 'network' } });
  });

  it('[CS53] while the socket is away the connection’s grace is the limit, and no other', () => {
    const away = run(rung(), [0, { type: 'accept' }], [1, { type: 'socketAway' }]);
    expect(callDeadlineMs(away.state)).toBeNull();
    const back = run(away.state, [60_000, { type: 'socketBack' }]);
    expect(callDeadlineMs(back.state)).toBe(60_000 + CALL_LIMITS.acceptMs);
  });

  it('[CS54] an accept that is refused waits a moment for the reason', () => {
    const error = new ClientError('wrong-state');
    const refused = run(rung(), [0, { type: 'accept' }], [5, { type: 'refused', request: 'accept', error }]);
    expect(callDeadlineMs(refused.state)).toBe(5 + CALL_LIMITS.refusalMs);
    expect(run(refused.state, [5 + CALL_LIMITS.refusalMs, { type: 'clock' }]).state.phase).toMatchObject({
      end: { reason: 'server', error },
    });
  });
});

describe('while a call lasts', () => {
  it('[CS55] a document may ring somebody again after it has answered: the call stays open', () => {
    const again = run(placed(), [1, notice({ type: 'answered' })], [2, notice({ type: 'ringing' })]);
    expect(again.words).toEqual(['answered', 'ringing']);
    expect(statusOf(again.state)).toBe('open');
    expect(again.state.phase.name).toBe('ringing');
  });

  it('[CS56] reconnecting and reconnected come in pairs, and only while it is open', () => {
    expect(run(rung(), [1, { type: 'socketAway' }], [2, { type: 'socketBack' }]).words).toEqual([]);
    const both = run(
      placed(),
      [1, JOINED],
      [2, { type: 'socketAway' }],
      [3, { type: 'pathBroken' }],
      [4, { type: 'socketBack' }],
      [5, { type: 'pathWell' }],
    );
    expect(both.words).toEqual(['accept', 'reconnecting', 'reconnected']);
  });
});

const anyCallInput: fc.Arbitrary<CallInput> = fc.constantFrom<CallInput>(
  { type: 'accept' },
  { type: 'reject', everywhere: true },
  { type: 'ignore' },
  { type: 'hangup' },
  { type: 'fail', reason: 'media', error: new ClientError('media-failed') },
  { type: 'placed', callSid: 'CA1' },
  { type: 'refused', request: 'connect', error: new ClientError('forbidden') },
  { type: 'refused', request: 'accept', error: new ClientError('wrong-state') },
  notice({ type: 'ringing' }),
  notice({ type: 'answered' }),
  notice({ type: 'screening' }),
  notice({ type: 'parted' }),
  JOINED,
  ENDED,
  { type: 'socketAway' },
  { type: 'socketBack' },
  { type: 'sessionLost', reason: 'network' },
  { type: 'pathBroken' },
  { type: 'pathWell' },
  { type: 'clock' },
);

describe('whatever happens', () => {
  it('[CS57] a call ends once at most, and says nothing afterwards', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.array(fc.tuple(anyCallInput, fc.nat(30_000)), { maxLength: 40 }),
        (out, script) => {
          let state = out ? placed() : rung();
          let nowMs = 0;
          let overs = 0;
          for (const [input, laterMs] of script) {
            nowMs += laterMs;
            const wasOver = state.phase.name === 'ended';
            const { state: next, outputs } = stepCall(state, input, nowMs);
            state = next;
            if (wasOver) expect(outputs).toEqual([]);
            overs += outputs.filter(({ type }) => type === 'over').length;
            if (outputs.some(({ type }) => type === 'over')) expect(outputs.at(-1)?.type).toBe('over');
            expect(state.phase.name === 'ended').toBe(overs === 1);
            expect(statusOf(state) === 'closed').toBe(overs === 1);
          }
          expect(overs).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('[CS58] a person can always hang up, and the gateway is then told, unless it knows', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(anyCallInput, { maxLength: 20 }), (out, script) => {
        const before = run(out ? placed() : rung(), ...script.map((input) => [1, input] as const));
        const after = run(before.state, [2, { type: 'hangup' }]);
        expect(after.state.phase.name).toBe('ended');
        if (before.state.phase.name !== 'ended') {
          expect(after.outputs[0]?.type).toMatch(/request|refuse/);
          expect(after.outputs.at(-1)).toMatchObject({ type: 'over', end: { by: 'local' } });
        }
      }),
    );
  });

  it('[CS58] a call that only rings goes the same way before the rest of the machine is there', () => {
    const NEEDS_MORE = [
      'accept',
      'fail',
      'placed',
      'refused',
      'pathBroken',
      'pathWell',
      'answered',
      'screening',
      'joined',
    ];
    const needsMore = (input: CallInput): boolean =>
      NEEDS_MORE.includes(input.type === 'notice' ? input.notice.type : input.type);
    fc.assert(
      fc.property(
        fc.array(
          anyCallInput.filter((input) => !needsMore(input)),
          { maxLength: 20 },
        ),
        (script) => {
          let state = rung();
          for (const input of script) {
            const step = stepRinging(state, input);
            expect(step).toEqual(stepCall(state, input, 1));
            state = step.state;
          }
        },
      ),
    );
  });
});
