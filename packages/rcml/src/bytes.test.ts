import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRcmlBytes } from './bytes.ts';
import type { ParseResult } from './document.ts';

const url = 'https://example.com/answer';
const hangup = '<Response><Hangup/></Response>';

/** One byte for each unit, which is Latin-1. */
function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (unit) => unit.charCodeAt(0));
}

function utf16(text: string, order: 'le' | 'be'): Uint8Array {
  const units = text.split('').map((unit) => unit.charCodeAt(0));
  return Uint8Array.from(
    units.flatMap((unit) => (order === 'le' ? [unit & 255, unit >> 8] : [unit >> 8, unit & 255])),
  );
}

function parse(bytes: Uint8Array | string, contentType?: string): ParseResult {
  const facts = contentType === undefined ? { url } : { url, contentType };
  return parseRcmlBytes(typeof bytes === 'string' ? latin1(bytes) : bytes, facts);
}

describe('what came over HTTP', () => {
  it('[RC2] answers any bytes of any type', () => {
    const type = fc.oneof(
      fc.string(),
      fc.constantFrom('text/xml', 'text/plain; charset=utf-16', 'text/html;charset=?'),
    );
    fc.assert(
      fc.property(fc.uint8Array(), type, (bytes, any) => {
        expect(parse(bytes, any).ok).toBeTypeOf('boolean');
      }),
    );
  });

  it.each(['text/xml', 'Application/XML; charset=utf-8', 'text/html', 'application/rcml+xml'])(
    '[RC10] reads %s',
    (type) => {
      expect(parse(hangup, type)).toMatchObject({
        ok: true,
        document: { verbs: [{ verb: 'Hangup' }] },
        complaints: [],
      });
    },
  );

  it('[RC10] reads a missing type as RCML, and says so', () => {
    expect(parse(hangup)).toMatchObject({ ok: true, complaints: [{ code: 12_300, severity: 'warning' }] });
  });

  it('[RC10] speaks plain text, and warns when it looks like RCML', () => {
    expect(parse(' Hello\r\nyou ', 'text/plain')).toMatchObject({
      ok: true,
      complaints: [],
      document: { verbs: [{ verb: 'Say', text: 'Hello\r\nyou', loop: 1 }] },
    });
    expect(parse(hangup, 'text/plain')).toMatchObject({ ok: true, complaints: [{ code: 12_300 }] });
    expect(parse('  ', 'text/plain')).toMatchObject({ ok: false, looksLike: 'empty' });
  });

  it('[RC10] plays sound from where it was found, whatever its size', () => {
    expect(parse(new Uint8Array(100_000), 'audio/wav')).toMatchObject({
      document: { verbs: [{ verb: 'Play', url, loop: 1 }] },
    });
  });

  it.each(['image/png', 'application/json', 'application/octet-stream', 'nonsense'])(
    '[RC10] refuses %s',
    (type) => {
      expect(parse(hangup, type)).toMatchObject({
        ok: false,
        looksLike: 'wrong-content-type',
        complaints: [{ code: 12_300 }],
      });
    },
  );

  it('[RC8] refuses more than 64 KiB before it decodes them', () => {
    expect(parse(new Uint8Array(70_000), 'text/xml')).toMatchObject({ ok: false, looksLike: 'too-large' });
  });

  it.each([
    [
      'a mark of UTF-8',
      latin1(`\u00EF\u00BB\u00BF<Response><Say>\u00C3\u00A9</Say></Response>`),
      'text/xml; charset=iso-8859-1',
    ],
    ['the header', latin1('<Response><Say>\u00E9</Say></Response>'), 'text/xml; charset="ISO-8859-1"'],
    [
      'the declaration',
      latin1(`<?xml version='1.0' encoding='windows-1252'?><Response><Say>\u00E9</Say></Response>`),
      'text/xml',
    ],
    ['UTF-8 by default', latin1('<Response><Say>\u00C3\u00A9</Say></Response>'), 'text/xml'],
    ['UTF-16 with a mark', utf16('\uFEFF<Response><Say>\u00E9</Say></Response>', 'le'), 'text/xml'],
    ['UTF-16 with the other mark', utf16('\uFEFF<Response><Say>\u00E9</Say></Response>', 'be'), 'text/xml'],
    [
      'UTF-16 without a mark',
      utf16('<?xml version="1.0" encoding="utf-16"?><Response><Say>\u00E9</Say></Response>', 'le'),
      'text/xml',
    ],
    ['UTF-16 of the other order', utf16('<Response><Say>\u00E9</Say></Response>', 'be'), 'text/xml'],
  ])('[RC11] decodes by %s', (_, bytes, type) => {
    expect(parse(bytes, type)).toMatchObject({
      ok: true,
      complaints: [],
      document: { verbs: [{ text: 'é' }] },
    });
  });

  it.each([
    ['Latin-1 sent as UTF-8', latin1('<Response>\n<Say>caf\u00E9</Say></Response>'), 'text/xml', 2, 9],
    ['UTF-8 that ends in the middle of a character', latin1('<a>\u00C3'), 'text/xml', 1, 4],
    ['an encoding nobody has', latin1(hangup), 'text/xml; charset=klingon', 1, 1],
    [
      'UTF-8 declared as UTF-16',
      latin1(`<?xml version="1.0" encoding="utf-16"?>${hangup} `),
      'text/xml',
      1,
      1,
    ],
  ])('[RC11] refuses %s, and says where', (_, bytes, type, line, column) => {
    const result = parse(bytes, type);
    expect(result).toMatchObject({ ok: false, complaints: [{ code: 12_100 }] });
    expect(result.complaints[0]?.at).toEqual({ line, column });
  });

  it('[RC9] recognises the file of a word processor by its bytes', () => {
    for (const begin of ['PK\u0003\u0004\u00FF', '\u00D0\u00CF\u0011\u00E0\u00A1', '%PDF-1.7 \u00FF']) {
      expect(parse(begin, 'text/xml')).toMatchObject({ ok: false, looksLike: 'word-processor-file' });
    }
  });

  it.each([undefined, 'text/xml', 'text/plain', 'audio/wav', 'image/png'])(
    '[RC12] refuses zero bytes of %s',
    (type) => {
      expect(parse('', type)).toMatchObject({ ok: false, looksLike: 'empty' });
    },
  );
});
