import type { CallMessage } from '@parley/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isHeardByApplication,
  LEG_MESSAGES_LIMITS,
  openLegMessages,
  stepLegMessages,
  type LegMessagesInput,
  type LegMessagesOutput,
} from './leg-messages.ts';

class Leg {
  state = openLegMessages();
  nowMs = 1000;

  feed(input: LegMessagesInput): readonly LegMessagesOutput[] {
    const { state, outputs } = stepLegMessages(this.state, input, this.nowMs);
    this.state = state;
    return outputs;
  }

  subscribe(sid: string, key?: string): readonly LegMessagesOutput[] {
    const subscription = { sid, url: `https://example.com/${sid}`, method: 'POST' } as const;
    return this.feed({ type: 'subscribe', subscription, ...(key === undefined ? {} : { key }) });
  }

  say(id: string): readonly (readonly [string, number, string])[] {
    return this.feed({ type: 'said', message: message(id) }).map((output) =>
      output.type === 'callback'
        ? [output.subscription.sid, output.sequence, output.message.id]
        : [output.type, -1, ''],
    );
  }
}

function message(id: string): CallMessage {
  return { id, content: '{}', contentType: 'application/json', messageType: 'user-defined-message' };
}

describe('what an application tells', () => {
  it('[MC60] is delivered once, and named', () => {
    const leg = new Leg();
    expect(leg.feed({ type: 'tell', message: message('KX1') })).toEqual([
      { type: 'deliver', message: message('KX1') },
      { type: 'made', made: { sid: 'KX1', atMs: 1000 } },
    ]);
  });

  it('[MC61] asked again by the same key, is the same message, delivered once', () => {
    const leg = new Leg();
    leg.feed({ type: 'tell', message: message('KX1'), key: 'a' });
    leg.nowMs = 5000;
    expect(leg.feed({ type: 'tell', message: message('KX2'), key: 'a' })).toEqual([
      { type: 'made', made: { sid: 'KX1', atMs: 1000 } },
    ]);
    expect(leg.feed({ type: 'tell', message: message('KX3'), key: 'b' })).toHaveLength(2);
    // Of the other kind it is another key.
    expect(leg.subscribe('ZY1', 'a')).toMatchObject([{ made: { sid: 'ZY1' } }]);
  });

  it('[MC61] remembers so many keys, and forgets the oldest', () => {
    const leg = new Leg();
    for (let index = 0; index <= LEG_MESSAGES_LIMITS.keysMax; index += 1) {
      leg.feed({ type: 'tell', message: message(`KX${index}`), key: String(index) });
    }
    expect(leg.state.made.size).toBe(LEG_MESSAGES_LIMITS.keysMax);
    expect(leg.feed({ type: 'tell', message: message('KXnew'), key: '0' })[0]).toMatchObject({
      type: 'deliver',
    });
    expect(leg.feed({ type: 'tell', message: message('KXnew'), key: '99' })).toMatchObject([
      { made: { sid: 'KX99' } },
    ]);
  });
});

describe('what a device says', () => {
  it('[MC62] is told to everybody who has subscribed, each with numbers of her own from 0', () => {
    const leg = new Leg();
    expect(leg.say('KX0')).toEqual([]);
    expect(isHeardByApplication(leg.state)).toBe(false);
    leg.subscribe('ZY1');
    expect(isHeardByApplication(leg.state)).toBe(true);
    expect(leg.say('KX1')).toEqual([['ZY1', 0, 'KX1']]);
    leg.subscribe('ZY2');
    expect(leg.say('KX2')).toEqual([
      ['ZY1', 1, 'KX2'],
      ['ZY2', 0, 'KX2'],
    ]);
  });

  it('[MC63] is told no more to who has taken her subscription back', () => {
    const leg = new Leg();
    leg.subscribe('ZY1', 'key');
    expect(leg.feed({ type: 'unsubscribe', sid: 'ZY1' })).toEqual([]);
    expect(leg.say('KX1')).toEqual([]);
    expect(leg.feed({ type: 'unsubscribe', sid: 'ZY1' })).toEqual([{ type: 'refused', why: 'unknown' }]);
    // The key named what is gone; it makes another.
    expect(leg.subscribe('ZY2', 'key')).toMatchObject([{ made: { sid: 'ZY2' } }]);
  });

  it('[MC64] is told to so many, and no more; asked again by the same key, they are not more', () => {
    const leg = new Leg();
    for (let index = 0; index < LEG_MESSAGES_LIMITS.subscriptionsMax; index += 1) {
      leg.subscribe(`ZY${index}`, `key ${index}`);
    }
    expect(leg.subscribe('ZYmore')).toEqual([{ type: 'refused', why: 'too-many' }]);
    expect(leg.subscribe('ZYagain', 'key 3')).toMatchObject([{ type: 'made', made: { sid: 'ZY3' } }]);
    leg.feed({ type: 'unsubscribe', sid: 'ZY0' });
    expect(leg.subscribe('ZYmore')).toMatchObject([{ type: 'made' }]);
  });
});

it('[MC65] nothing is told, said or subscribed to when the leg has ended', () => {
  const leg = new Leg();
  leg.subscribe('ZY1');
  leg.feed({ type: 'legEnded' });
  expect(leg.say('KX1')).toEqual([]);
  expect(leg.feed({ type: 'tell', message: message('KX2') })).toEqual([{ type: 'refused', why: 'ended' }]);
  expect(leg.subscribe('ZY2')).toEqual([{ type: 'refused', why: 'ended' }]);
});

it('[MC62] [MC64] whatever happens, numbers have no gaps and ceilings hold', () => {
  const name = fc.integer({ min: 0, max: 12 });
  const input: fc.Arbitrary<LegMessagesInput> = fc.oneof(
    name.map((n) => ({ type: 'said', message: message(`KX${n}`) }) as const),
    fc.record({ n: name, key: fc.option(name.map(String), { nil: undefined }) }).map(
      ({ n, key }) =>
        ({
          type: 'subscribe',
          subscription: { sid: `ZY${n}`, url: 'https://example.com', method: 'GET' },
          ...(key === undefined ? {} : { key }),
        }) as const,
    ),
    name.map((n) => ({ type: 'unsubscribe', sid: `ZY${n}` }) as const),
    name.map((n) => ({ type: 'tell', message: message(`KX${n}`), key: String(n) }) as const),
  );
  fc.assert(
    fc.property(fc.array(input, { maxLength: 200 }), (inputs) => {
      const leg = new Leg();
      const next = new Map<string, number>();
      for (const each of inputs) {
        // Names are unique, as those who make them see to.
        const isKnown =
          each.type === 'subscribe' &&
          leg.state.subscriptions.some(({ sid }) => sid === each.subscription.sid);
        if (isKnown) continue;
        for (const output of leg.feed(each)) {
          if (
            output.type === 'made' &&
            each.type === 'subscribe' &&
            output.made.sid === each.subscription.sid
          )
            next.set(output.made.sid, 0);
          if (output.type !== 'callback') continue;
          const { sid } = output.subscription;
          expect(output.sequence).toBe(next.get(sid));
          next.set(sid, output.sequence + 1);
        }
        expect(leg.state.subscriptions.length).toBeLessThanOrEqual(LEG_MESSAGES_LIMITS.subscriptionsMax);
        expect(leg.state.made.size).toBeLessThanOrEqual(LEG_MESSAGES_LIMITS.keysMax);
      }
    }),
  );
});
