import type { Dial, HttpMethod, Position } from '@parley/rcml';
import type { DocumentRequest } from './script-state.ts';
import type { FormFields } from './voice-request.ts';

/**
 * What somebody hears while she waits, over and over: until it is stopped, or something else is played to her. It never
 * answers a call (D14). What cannot be had is notified, and the gateway's own is heard in its place.
 */
export type Music =
  /** The gateway's own, which nobody has to provide. */
  | { readonly type: 'own' }
  /** That it rings, as the document wants it: a country, the URL of a sound, or neither. */
  | {
      readonly type: 'ringback';
      readonly written?: string;
      /** Where a relative URL resolves. */
      readonly base: string;
      readonly at: Position;
    }
  | {
      readonly type: 'sound';
      /** As written; resolves against `base`. */
      readonly url: string;
      readonly base: string;
      readonly at?: Position;
    }
  /** Asked for again whenever it is over. What it may hold is in `wait.ts`. */
  | {
      readonly type: 'document';
      readonly request: DocumentRequest;
      /** Everything that is sent. */
      readonly params: FormFields;
      /** Where it is named; absent where no document did. */
      readonly at?: Position;
    };

/** Where music is to be had, as a document or a REST request says it. */
export interface MusicSource {
  readonly url: string;
  readonly base: string;
  readonly method: HttpMethod;
  readonly params: FormFields;
  readonly at?: Position;
}

/** Paths that name a sound: asked for with GET, as files are, and kept; anything else is asked for as a document. */
const SOUND_PATH = /^[^?#]*\.(wav|mp3|ogg|opus)([?#]|$)/i;

/** What a URL stands for; an empty one asks for silence. */
export function musicAt({ url, base, method, params, at }: MusicSource): Music | null {
  if (url === '') return null;
  const place = at === undefined ? {} : { at };
  if (SOUND_PATH.test(url)) return { type: 'sound', url, base, ...place };
  return { type: 'document', request: { written: url, base, method, params: [] }, params, ...place };
}

/**
 * What the gateway plays to the caller while a dial rings, or null where her own device says that it rings: it does so
 * without a packet, so it does wherever the document does not ask for something.
 */
export function ringbackOf(verb: Dial, base: string): Music | null {
  const written = verb.dialMusic ?? verb.ringTone;
  return written === undefined || written === '' ? null : { type: 'ringback', written, base, at: verb.at };
}
