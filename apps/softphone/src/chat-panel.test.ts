import { describe, expect, it } from 'vitest';
import { wordsOf } from './chat-panel.ts';
import { callWords } from './call-words.ts';
import { adviceFor } from './quality-words.ts';

describe('beside a call', () => {
  it('[SP37] shows words that a person wrote, and nothing else that comes in a call', () => {
    expect(wordsOf({ content: 'hello', messageType: 'chat' })).toBe('hello');
    expect(wordsOf({ content: { x: 1 }, messageType: 'chat' })).toBeUndefined();
    expect(wordsOf({ content: 'hello', messageType: 'user-defined-message' })).toBeUndefined();
    expect(wordsOf({ content: 'x'.repeat(9000), messageType: 'chat' })).toHaveLength(2000);
  });

  it('[SP35] says who has put whom on hold, and that somebody is being handed over', () => {
    const call = { phase: 'joined', direction: 'outgoing' } as const;
    expect(callWords({ ...call, held: { local: true, remote: false } })).toBe('On hold');
    expect(callWords({ ...call, held: { local: false, remote: true } })).toBe('You are on hold');
    expect(callWords({ ...call, isTransferring: true })).toContain('Handing over');
    expect(callWords(call)).toBe('');
  });

  it('[SP39] gives advice where a call sounds poor, and none where it is well', () => {
    const reasons = ['high-packet-loss', 'high-rtt', 'high-jitter'] as const;
    expect(adviceFor({ level: 'poor', reasons })).toHaveLength(2);
    expect(adviceFor({ level: 'excellent', reasons })).toEqual([]);
  });
});
