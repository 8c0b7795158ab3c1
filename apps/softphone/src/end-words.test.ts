import { describe, expect, it } from 'vitest';
import { END_REASONS, endWords, type EndedCall } from './end-words.ts';

const outgoing: EndedCall = {
  reason: 'hangup',
  self: 'alice',
  other: 'jenny',
  direction: 'outgoing',
  isAnswered: false,
  isJoined: true,
};
const incoming: EndedCall = { ...outgoing, direction: 'incoming' };

const sentence = (call: EndedCall, changes: Partial<EndedCall>): string =>
  endWords({ ...call, ...changes }).sentence;

describe('why a call ended', () => {
  it.each(END_REASONS)('[SP13] has words in both directions: %s', (reason) => {
    for (const call of [incoming, outgoing]) {
      expect(sentence(call, { reason })).toMatch(/^\S.{5,}[^.]$/);
    }
  });

  it('[SP13] has words for a reason that this page was built without', () => {
    // What a newer gateway may send; the SDK hands on what it gets.
    expect(sentence(outgoing, { reason: 'abducted' as EndedCall['reason'] })).toBe('The call is over');
  });

  it('[SP13] names the other person', () => {
    expect(sentence(outgoing, { reason: 'no-answer' })).toBe('jenny did not answer');
    expect(sentence(outgoing, { reason: 'busy' })).toBe('jenny is busy');
    expect(sentence(outgoing, { reason: 'remote-hangup' })).toBe('jenny hung up');
    expect(sentence(incoming, { reason: 'cancelled' })).toBe('jenny gave up before you answered');
  });

  it('[SP13] does not say of an announcement that a person hung up', () => {
    expect(sentence(outgoing, { reason: 'remote-hangup', isJoined: false })).toBe(
      'The service ended the call',
    );
  });

  it('[SP13] tells whose doing it was from the direction', () => {
    expect(sentence(outgoing, { reason: 'rejected' })).toBe('jenny declined the call');
    expect(sentence(incoming, { reason: 'rejected' })).toBe('You declined');
    expect(sentence(outgoing, { reason: 'declined' })).toBe('jenny picked up, then declined');
    expect(sentence(incoming, { reason: 'declined' })).toBe('You declined when you were asked');
  });

  it('[SP14] names the device of one’s own that was faster', () => {
    const elsewhere = { identity: 'alice', deviceLabel: 'Work laptop' };
    expect(sentence(incoming, { reason: 'answered-elsewhere', elsewhere })).toBe(
      'Answered on another device (Work laptop)',
    );
    expect(sentence(incoming, { reason: 'rejected-elsewhere', elsewhere })).toBe(
      'Declined on another device (Work laptop)',
    );
  });

  it('[SP14] names the other person who was faster', () => {
    const elsewhere = { identity: 'bob', deviceLabel: 'Kitchen' };
    expect(sentence(incoming, { reason: 'answered-elsewhere', elsewhere })).toBe('Answered by bob (Kitchen)');
  });

  it('[SP14] stays true when nobody is named', () => {
    expect(sentence(incoming, { reason: 'answered-elsewhere' })).toBe('Answered on another device');
    expect(
      sentence(incoming, { reason: 'answered-elsewhere', elsewhere: { identity: 'alice', deviceLabel: '' } }),
    ).toBe('Answered on another device');
  });

  it('[SP15] hands on what the gateway complained about', () => {
    const complaint = 'Unknown verb <Dail> (line 3)';
    expect(endWords({ ...outgoing, reason: 'document-failed', complaint })).toEqual({
      sentence: 'The call could not be set up: its document failed. Unknown verb <Dail> (line 3)',
      tone: 'problem',
    });
  });

  it('[SP15] sets apart what is as it should be, what was missed and what is wrong', () => {
    const tone = (call: EndedCall, reason: EndedCall['reason']): string => endWords({ ...call, reason }).tone;
    expect(tone(outgoing, 'hangup')).toBe('calm');
    expect(tone(incoming, 'cancelled')).toBe('missed');
    expect(tone(outgoing, 'cancelled')).toBe('calm');
    expect(tone(incoming, 'answered-elsewhere')).toBe('calm');
    expect(tone(outgoing, 'network')).toBe('problem');
  });
});
