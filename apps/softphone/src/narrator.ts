import type { Call, CallSnapshot } from '@parley/client';
import type { Announcer } from './announcer.ts';
import { troubleWords } from './call-words.ts';
import { otherOf, type Calls, type LastCall } from './calls.ts';
import { spokenDuration } from './duration.ts';
import { switchWith, watch, type Readable, type Scope } from './view.ts';

export interface NarratorOptions {
  readonly calls: Calls;
  readonly announcer: Announcer;
  /** Whether single keys answer; only then are they spoken of. */
  readonly hasKeys: Readable<boolean>;
}

/** Tells what happens to calls to those who do not see it. */
export function narrate({ calls, announcer, hasKeys }: NarratorOptions, scope: Scope): void {
  const announced = new WeakSet<Call>();
  watch(
    calls.waiting,
    (waiting) => waiting,
    (waiting) => {
      for (const call of waiting) {
        if (announced.has(call)) continue;
        announced.add(call);
        announcer.now(ringSentence(call.store.getSnapshot(), hasKeys.getSnapshot()));
      }
    },
    scope,
  );
  watch(
    calls.last,
    (last) => last,
    (last) => {
      if (last !== null) announcer.soon(endSentence(last));
    },
    scope,
  );

  switchWith(
    calls.current,
    (current, inner) => {
      if (current !== null) narrateCall(current, announcer, inner);
    },
    scope,
  );
}

function narrateCall(call: Call, announcer: Announcer, scope: Scope): void {
  const say = (sentence: string | undefined): void => {
    if (sentence !== undefined) announcer.soon(sentence);
  };
  const { isMuted } = call.store.getSnapshot();
  watch(call.store, phaseSentence, say, scope);
  watch(call.store, troubleWords, say, scope);
  let wasMuted = isMuted;
  watch(
    call.store,
    (snapshot) => snapshot.isMuted,
    (now) => {
      if (now !== wasMuted) say(now ? 'Microphone muted' : 'Microphone on');
      wasMuted = now;
    },
    scope,
  );
}

/** Spoken at once, when a call comes in. */
export function ringSentence(
  call: Pick<CallSnapshot, 'video' | 'other' | 'direction' | 'parameters'>,
  hasKeys: boolean,
): string {
  const what = call.video ? 'Incoming video call' : 'Incoming call';
  const answers = call.video ? 'A accepts with audio, V with video, D declines.' : 'A accepts, D declines.';
  return `${what} from ${otherOf(call)}.${hasKeys ? ` ${answers}` : ''}`;
}

/** Spoken when its turn comes, at each step of a call. */
export function phaseSentence(
  call: Pick<CallSnapshot, 'phase' | 'other' | 'direction' | 'parameters'>,
): string | undefined {
  const other = otherOf(call);
  switch (call.phase) {
    case 'calling':
      return `Calling ${other}`;
    case 'ringing':
      return call.direction === 'outgoing' ? `Ringing ${other}` : undefined;
    case 'screening':
      return 'One moment, checking with the caller’s side';
    case 'joined':
      return `In a call with ${other}`;
    case 'answered':
    case 'accepting':
    case 'ended':
      return undefined;
  }
}

/** Spoken when a call is over. */
export function endSentence({ sentence, durationMs }: Pick<LastCall, 'sentence' | 'durationMs'>): string {
  return durationMs >= 1000 ? `${sentence}. ${spokenDuration(durationMs)}.` : `${sentence}.`;
}
