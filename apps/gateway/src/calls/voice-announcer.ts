import type { OwnedMediaPlane } from '@parley/media-mediasoup';
import { notifications, type Play, type Say } from '@parley/rcml';
import { VoiceError, type Remark, type Tape, type Voice } from '@parley/voice';
import { resolveUrl } from '../out/resolve-url.ts';
import type { Announcer, Prompt } from './announcer.ts';
import type { SoundShelf } from './sound-shelf.ts';

/** Way to a party's ear. */
type Ear = ReturnType<OwnedMediaPlane['announce']>;

export interface VoiceAnnouncerOptions {
  readonly voice: Voice;
  readonly sounds: SoundShelf;
  readonly media: Pick<OwnedMediaPlane, 'announce'>;
}

/** So many frames are handed to the media plane at a time: five seconds. */
const PORTION_FRAMES = 250;

/**
 * An announcer that speaks and plays. What cannot be spoken or played is complained about, and the document goes on
 * with its next verb.
 */
export function createVoiceAnnouncer({ voice, sounds, media }: VoiceAnnouncerOptions): Announcer {
  return {
    play({ party, prompt, complain, onOver }) {
      let isOver = false;
      const ear = media.announce(party, () => {
        isOver = true;
        onOver();
      });
      const stop = (): void => {
        isOver = true;
        ear.stop();
      };
      const tapes = tapesOf(prompt, { voice, sounds, complain });
      perform(tapes, ear, { times: prompt.said.loop, isOver: () => isOver })
        .catch((error: unknown) => {
          if (!isOver) complain(...complaintAbout(prompt.said, error));
          return false;
        })
        .then((wasHeard) => {
          if (isOver) return;
          if (wasHeard) return ear.end();
          // Nothing was to be heard, so nothing is waited for.
          stop();
          setImmediate(onOver);
        })
        // Only the application's own callbacks could throw here, and the call's driver catches what they do.
        .catch(() => {});
      return stop;
    },
  };
}

/** Hands all frames over, as fast as they are wanted. Resolves with whether there were any. */
async function perform(
  tapes: AsyncIterable<Tape>,
  ear: Ear,
  { times, isOver }: { readonly times: number; readonly isOver: () => boolean },
): Promise<boolean> {
  const heard: Tape[] = [];
  let frames = 0;
  const play = async (tape: Tape): Promise<void> => {
    for await (const batch of tape.listen()) {
      for (let at = 0; at < batch.length && !isOver(); at += PORTION_FRAMES) {
        const portion = batch.slice(at, at + PORTION_FRAMES);
        frames += portion.length;
        await ear.push(portion);
      }
      if (isOver()) return;
    }
  };
  for await (const tape of tapes) {
    await play(tape);
    if (isOver()) return true;
    heard.push(tape);
  }
  // What is empty is not repeated for ever.
  if (frames === 0) return false;
  let left = times === 0 ? Infinity : times - 1;
  while (left > 0) {
    left -= 1;
    for (const tape of heard) {
      await play(tape);
      if (isOver()) return true;
    }
  }
  return true;
}

interface Means {
  readonly voice: Voice;
  readonly sounds: SoundShelf;
  readonly complain: (code: number, message: string) => void;
}

async function* tapesOf({ said, base }: Prompt, means: Means): AsyncGenerator<Tape, void, void> {
  if (said.verb === 'Say') yield* spoken(said, means);
  else yield* played(said, base, means);
}

async function* spoken(say: Say, { voice, complain }: Means): AsyncGenerator<Tape, void, void> {
  const { text, ssml, voice: wanted, language } = say;
  const order = { text, voice: wanted, language, ...(ssml === undefined ? {} : { ssml }) };
  yield* voice.say(order, (remark) => complain(codeOf(remark), `<Say>: ${remark.message}`));
}

async function* played(
  { url: written, digits }: Play,
  base: string,
  { voice, sounds, complain }: Means,
): AsyncGenerator<Tape, void, void> {
  if (written !== undefined) {
    const url = resolveUrl(base, written);
    const found =
      url === undefined
        ? {
            ok: false as const,
            code: notifications.urlInvalid.code,
            message: `"${written}" is not a URL that can be asked`,
          }
        : await sounds.find(url);
    if (found.ok) yield found.tape;
    else complain(found.code, `<Play> was skipped: ${found.message}`);
  }
  const keys = digits === undefined ? undefined : voice.keys(digits);
  if (keys !== undefined) yield keys;
}

function codeOf({ about }: Remark): number {
  switch (about) {
    case 'voice':
      return notifications.sayVoice.code;
    case 'language':
      return notifications.sayLanguage.code;
    case 'ssml':
      return notifications.oddity.code;
  }
}

function complaintAbout(said: Say | Play, error: unknown): [code: number, message: string] {
  const why = error instanceof VoiceError ? error.message : 'the gateway failed to make it heard';
  return [faultCode(error), `<${said.verb}> was skipped: ${why}`];
}

function faultCode(error: unknown): number {
  const fault = error instanceof VoiceError ? error.fault : undefined;
  if (fault === 'no-engine') return notifications.sayVoice.code;
  if (fault === 'sound-unreadable') return notifications.contentTypeUnusable.code;
  return notifications.internalFailure.code;
}
