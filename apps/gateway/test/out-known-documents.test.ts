import { expect, it } from 'vitest';
import { KnownDocuments } from '../src/out/known-documents.ts';

const url = 'http://127.0.0.1/voice';
const xml = { url, contentType: 'text/xml' };
const dial = (name: string) => Buffer.from(`<Response><Dial><Client>${name}</Client></Dial></Response>`);

it('[GW12] the same bytes of the same type are read once', () => {
  const documents = new KnownDocuments();
  const read = documents.read(dial('jenny'), xml);
  expect(read).toMatchObject({ ok: true, document: { verbs: [{ nouns: [{ target: 'jenny' }] }] } });
  // Found somewhere else, it is the same document: addresses in it are resolved by whoever runs it.
  expect(documents.read(dial('jenny'), { ...xml, url: 'http://127.0.0.1/other' })).toBe(read);
  expect(documents.read(dial('bob'), xml)).toMatchObject({
    document: { verbs: [{ nouns: [{ target: 'bob' }] }] },
  });
});

it('[GW12] the same bytes of another type, or in another encoding, are another document', () => {
  const documents = new KnownDocuments();
  const bytes = Buffer.from('<Response><Say>Grüße</Say></Response>', 'latin1');
  const read = (contentType: string) => documents.read(bytes, { url, contentType });
  expect(read('text/xml; charset=iso-8859-1')).toMatchObject({ document: { verbs: [{ text: 'Grüße' }] } });
  expect(read('text/xml')).toMatchObject({ ok: false, looksLike: 'wrong-encoding' });
  expect(read('text/plain; charset=iso-8859-1')).toMatchObject({
    document: { verbs: [{ verb: 'Say', text: '<Response><Say>Grüße</Say></Response>' }] },
  });
});

it('[GW12] a sound is played from where it was found, and complaints are told every time', () => {
  const documents = new KnownDocuments();
  const sound = (at: string) => documents.read(Buffer.of(0), { url: at, contentType: 'Audio/wav' });
  expect(sound('http://a/1')).toMatchObject({ document: { verbs: [{ verb: 'Play', url: 'http://a/1' }] } });
  expect(sound('http://b/2')).toMatchObject({ document: { verbs: [{ verb: 'Play', url: 'http://b/2' }] } });
  const wrong = Buffer.from('<Response><Sayy>Hello</Sayy></Response>');
  const complaints = [1, 2].map(() => documents.read(wrong, xml).complaints.length);
  expect(complaints).toEqual([1, 1]);
});

it('[GW12] the 256 documents that were asked for last are known, and no long ones', () => {
  const documents = new KnownDocuments();
  const first = documents.read(dial('0'), xml);
  const second = documents.read(dial('1'), xml);
  for (let index = 2; index < 256; index += 1) documents.read(dial(String(index)), xml);
  expect(documents.read(dial('0'), xml)).toBe(first);
  documents.read(dial('one more'), xml);
  expect(documents.read(dial('0'), xml)).toBe(first);
  expect(documents.read(dial('1'), xml)).not.toBe(second);
  const long = dial('n'.repeat(9000));
  expect(documents.read(long, xml)).not.toBe(documents.read(long, xml));
});
