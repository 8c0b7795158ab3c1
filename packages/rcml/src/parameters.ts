import { limits, utf8Bytes } from './limits.ts';

/** A target as written, taken apart at its first `?`. */
export interface WrittenTarget {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
}

// One UTF-8 character as percent sequences. Anything else that begins with a percent sign is broken.
const encodedCharacter =
  /%[0-7][\da-f]|%[cd][\da-f]%[89ab][\da-f]|%e[\da-f](?:%[89ab][\da-f]){2}|%f[0-7](?:%[89ab][\da-f]){3}/gi;

/** Splits `alice?X-Account=42&X-Tier=gold` into the name and its parameters. */
export function splitTarget(written: string): WrittenTarget {
  const question = written.indexOf('?');
  if (question < 0) return { name: written.trim(), parameters: new Map() };
  const parameters = new Map<string, string>();
  for (const piece of written.slice(question + 1).split('&')) {
    const equals = piece.indexOf('=');
    const key = (equals < 0 ? piece : piece.slice(0, equals)).trim();
    if (key !== '') parameters.set(key, equals < 0 ? '' : decodePercent(piece.slice(equals + 1)));
  }
  return { name: written.slice(0, question).trim(), parameters };
}

/** Whether parameters are small enough to travel with a call. */
export function areCarriable(parameters: ReadonlyMap<string, string>): boolean {
  let bytes = 0;
  for (const [key, value] of parameters) bytes += utf8Bytes(key) + utf8Bytes(value);
  return bytes <= limits.parametersBytesMax;
}

/** Decodes percent sequences and nothing else: `+` is no blank here, and a broken sequence stays as written. */
function decodePercent(value: string): string {
  return value.replace(encodedCharacter, (written) => {
    try {
      return decodeURIComponent(written);
    } catch {
      // Right in shape and still no character: an overlong form or half of a surrogate pair.
      return written;
    }
  });
}
