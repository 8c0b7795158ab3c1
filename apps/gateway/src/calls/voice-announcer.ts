import type { OwnedMediaPlane } from '@parley/media-mediasoup';
import { notifications, type Play, type Say } from '@parley/rcml';
import type { PartyId } from '@parley/switchboard';
import {
  callTone,
  toneCountry,
  VoiceError,
  type Remark,
  type Tape,
  type ToneCadence,
  type Voice,
} from '@parley/voice';
import { resolveUrl } from '../out/resolve-url.ts';
import type { Announcer, Beep, Loop, Prompt } from './announcer.ts';
import type { ShelvedSound, SoundShelf } from './sound-shelf.ts';

/** Way to a party's ear. */
type Ear = ReturnType<OwnedMediaPlane['announce']>;

export interface VoiceAnnouncerOptions {
  readonly voice: Voice;
  readonly sounds: SoundShelf;
  readonly media: Pick<OwnedMediaPlane, 'announce'>;
}

/** What people know from answering machines. */
const RECORD_BEEP: ToneCadence = [{ frequencies: [1000], durationMs: 400 }];

/** So many frames are handed to the media plane at a time: five seconds. */
const PORTION_FRAMES = 250;

/**
 * An announcer that speaks and plays. What cannot be spoken or played is complained about, and the document goes on
 * with its next verb.
 */
export function createVoiceAnnouncer({ voice, sounds, media }: VoiceAnnouncerOptions): Announcer {
  const begin = (order: Order): (() => void) => {
    const { onOver } = order;
    let isOver = false;
    const ear = media.announce(order.party, () => {
      isOver = true;
      onOver();
    });
    const stop = (): void => {
      isOver = true;
      ear.stop();
    };
    perform(order.tapes, ear, { times: order.times, isOver: () => isOver })
      .catch((error: unknown) => {
        if (!isOver) order.complain(...complaintAbout(order.name, error));
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
  };
  return {
    play({ prompt, complain, ...whose }) {
      const tapes = tapesOf(prompt, { voice, sounds, complain });
      const { loop: times, verb } = prompt.said;
      return begin({ ...whose, complain, tapes, times, name: `<${verb}> was skipped` });
    },
    loop({ loop, complain, ...whose }) {
      const tapes = loopTapes(loop, { voice, sounds, complain });
      return begin({ ...whose, complain, tapes, times: 0, name: 'nothing is heard by somebody who waits' });
    },
    beep({ party, beep }) {
      const nothing = (): void => {};
      const tapes = only(voice.tone(BEEPS[beep]));
      begin({ party, tapes, times: 1, name: 'a beep was left out', complain: nothing, onOver: nothing });
    },
  };
}

/** Up for who comes, down for who goes; short enough to talk on. */
const BEEPS: Readonly<Record<Beep, ToneCadence>> = {
  enter: [
    { frequencies: [523], durationMs: 120 },
    { frequencies: [784], durationMs: 180 },
  ],
  exit: [
    { frequencies: [784], durationMs: 120 },
    { frequencies: [523], durationMs: 180 },
  ],
};

async function* only(tape: Tape): AsyncGenerator<Tape, void, void> {
  yield tape;
}

interface Order {
  readonly party: PartyId;
  readonly tapes: AsyncIterable<Tape>;
  /** 0 for ever. */
  readonly times: number;
  /** What it means where it cannot be heard. */
  readonly name: string;
  readonly complain: (code: number, message: string) => void;
  readonly onOver: () => void;
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
  switch (said.verb) {
    case 'Say':
      yield* spoken(said, means);
      return;
    case 'Play':
      yield* played(said, base, means);
      return;
    case 'Beep':
      yield means.voice.tone(RECORD_BEEP);
      return;
  }
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
    const found = await findSound({ written, base }, sounds);
    if (found.ok) yield found.tape;
    else complain(found.code, `<Play> was skipped: ${found.message}`);
  }
  const keys = digits === undefined ? undefined : voice.keys(digits);
  if (keys !== undefined) yield keys;
}

/** One turn of what is heard over and over. A country is a tone, everything else the URL of a sound. */
async function* loopTapes(loop: Loop, means: Means): AsyncGenerator<Tape, void, void> {
  const { voice } = means;
  switch (loop.type) {
    case 'own':
      yield voice.holdMusic();
      return;
    case 'ringback': {
      const { written, base } = loop;
      const country = written === undefined ? undefined : toneCountry(written);
      const ownTone = voice.tone(callTone('ringback', country));
      if (written === undefined || country !== undefined) yield ownTone;
      else yield* soundOr(ownTone, { written, base }, means);
      return;
    }
    case 'sound':
      yield* soundOr(voice.holdMusic(), { written: loop.url, base: loop.base }, means);
      return;
  }
}

/** The sound, if it can be had and be read to its end; otherwise what is the gateway's own. */
async function* soundOr(
  own: Tape,
  where: { readonly written: string; readonly base: string },
  { sounds, complain }: Means,
): AsyncGenerator<Tape, void, void> {
  const found = await findSound(where, sounds);
  if (!found.ok) {
    complain(found.code, `"${where.written}" is not heard: ${found.message}`);
    yield own;
    return;
  }
  try {
    for await (const _ of found.tape.listen()) break;
    yield found.tape;
  } catch (error) {
    complain(...complaintAbout(`"${where.written}" is not heard`, error));
    yield own;
  }
}

function findSound(
  { written, base }: { readonly written: string; readonly base: string },
  sounds: SoundShelf,
): Promise<ShelvedSound> {
  const url = resolveUrl(base, written);
  if (url !== undefined) return sounds.find(url);
  const message = `"${written}" is not a URL that can be asked`;
  return Promise.resolve({ ok: false, code: notifications.urlInvalid.code, message });
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

function complaintAbout(what: string, error: unknown): [code: number, message: string] {
  const why = error instanceof VoiceError ? error.message : 'the gateway failed to make it heard';
  return [faultCode(error), `${what}: ${why}`];
}

function faultCode(error: unknown): number {
  const fault = error instanceof VoiceError ? error.fault : undefined;
  if (fault === 'no-engine') return notifications.sayVoice.code;
  if (fault === 'sound-unreadable') return notifications.contentTypeUnusable.code;
  return notifications.internalFailure.code;
}
