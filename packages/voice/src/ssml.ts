/**
 * The tags and attributes of SSML that may reach an engine, with what their values may be. Not among them is everything
 * that names a file or a voice: espeak-ng opens the file of `<audio>`, with the help of a shell where it is no WAV.
 */
const ALLOWED: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['break', new Set(['time', 'strength'])],
  ['emphasis', new Set(['level'])],
  ['p', new Set<string>()],
  ['s', new Set<string>()],
  ['prosody', new Set(['rate', 'pitch', 'volume', 'range'])],
  ['say-as', new Set(['interpret-as', 'format', 'detail'])],
  ['sub', new Set(['alias'])],
]);

const TAG = /<(\/?)([A-Za-z][\w:.-]*)((?:[^<>"']|"[^"]*"|'[^']*')*?)(\/?)>|<[^>]*>/g;
const ATTRIBUTE = /([A-Za-z][\w:.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** SSML with nothing in it but what an engine may be trusted with; and the tags that were left out, each once. */
export function safeSsml(ssml: string): { readonly ssml: string; readonly leftOut: readonly string[] } {
  const leftOut = new Set<string>();
  const body = ssml.replaceAll(
    TAG,
    (_, slash: string, name: string | undefined, said: string, end: string) => {
      const tag = name?.toLowerCase() ?? '';
      const attributes = ALLOWED.get(tag);
      if (attributes === undefined) {
        // The root is ours; comments and instructions are nobody's.
        if (tag !== '' && tag !== 'speak') leftOut.add(tag);
        return ' ';
      }
      if (slash !== '') return `</${tag}>`;
      let kept = '';
      for (const [, key = '', double, single] of said.matchAll(ATTRIBUTE)) {
        const value = double ?? single ?? '';
        if (attributes.has(key.toLowerCase()) && !/[<>]/.test(value) && value.length <= 200) {
          kept += ` ${key.toLowerCase()}="${value.replaceAll('"', '&quot;')}"`;
        }
      }
      return `<${tag}${kept}${end === '' ? '' : '/'}>`;
    },
  );
  return { ssml: `<speak>${body}</speak>`, leftOut: [...leftOut] };
}
