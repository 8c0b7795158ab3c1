import { describe, expect, it } from 'vitest';
import { chooseLanguage } from './language-choice.ts';
import { sentencesOf } from './sentences.ts';
import { safeSsml } from './ssml.ts';
import { chooseVoice } from './voice-choice.ts';

/** What Debian's espeak-ng 1.51 speaks of what RestComm's table lists. */
const AVAILABLE = new Set(
  'ar ca cmn cs da de el en-029 en-gb en-gb-scotland en-us es es-419 fi fr-be fr-ch fr-fr it nb nl pl pt pt-br ru sv tr yue'.split(
    ' ',
  ),
);
const chosen = (wanted: string): string => {
  const choice = chooseLanguage(wanted, AVAILABLE);
  return `${choice?.tag}${choice?.isExact === true ? '' : ', nearly'}`;
};

describe('a language', () => {
  it.each([
    ['bf', 'fr-be'],
    ['bp', 'pt-br'],
    ['en', 'en-us'],
    ['en-gb', 'en-gb'],
    ['cf', 'fr-fr, nearly'],
    ['cs', 'cs'],
    ['dan', 'da'],
    ['fi', 'fi'],
    ['es', 'es'],
    ['fr', 'fr-fr'],
    ['de', 'de'],
    ['el', 'el'],
    ['it', 'it'],
    ['nl', 'nl'],
    ['no', 'nb'],
    ['pl', 'pl'],
    ['pt', 'pt'],
    ['ru', 'ru'],
    ['ar', 'ar'],
    ['ca', 'ca'],
    ['sv', 'sv'],
    ['tr', 'tr'],
  ])('[VO3] of RestComm’s is spoken: %s', (wanted, tag) => expect(chosen(wanted)).toBe(tag));

  it.each([
    ['EN-us', 'en-us'],
    ['de-DE', 'de'],
    ['de_DE', 'de'],
    ['pt-BR', 'pt-br'],
    ['pt-PT', 'pt'],
    ['es-MX', 'es-419'],
    ['es-ES', 'es'],
    ['en-AU', 'en-gb, nearly'],
    ['fr-CA', 'fr-fr, nearly'],
    ['zh-CN', 'cmn'],
    ['zh-HK', 'yue'],
    ['da-DK', 'da'],
    ['nb-NO', 'nb'],
    ['xx-YY', 'en-us, nearly'],
    ['no language at all', 'en-us, nearly'],
    ['', 'en-us, nearly'],
  ])('[VO3] is read as a tag of BCP 47: %s', (wanted, tag) => expect(chosen(wanted)).toBe(tag));

  it('[VO3] is another when only that is there, and none where there is none', () => {
    expect(chooseLanguage('de', new Set(['fr-be']))).toEqual({ tag: 'fr-be', isExact: false });
    expect(chooseLanguage('fr', new Set(['fr-be']))).toEqual({ tag: 'fr-be', isExact: false });
    expect(chooseLanguage('de', new Set())).toBeUndefined();
  });
});

describe('a voice that is asked for', () => {
  it.each([
    ['man', 'man', true],
    ['WOMAN', 'woman', true],
    ['alice', 'woman', true],
    ['Polly.Joanna-Neural', 'woman', false],
    ['Polly.Matthew', 'man', false],
    ['Google.en-US-Standard-C', 'man', false],
    ['', 'man', true],
  ])('[VO2] %s is a %s', (wanted, gender, isExact) => {
    expect(chooseVoice(wanted)).toEqual({ gender, isExact });
  });
});

describe('a text', () => {
  it('[VO1] is divided into sentences, the shortest with the next', () => {
    expect(
      sentencesOf(
        'Hello.  Mr. Smith\nis here, and waits for you. Press one! Thank you very much indeed.',
        'en',
      ),
    ).toEqual(['Hello. Mr. Smith is here, and waits for you.', 'Press one! Thank you very much indeed.']);
  });

  it('[VO1] without an end is divided all the same, and nothing of it is lost', () => {
    for (const text of [
      'one two, '.repeat(200).trim(),
      'x'.repeat(1000),
      '日本語。'.repeat(200),
      '😀'.repeat(400),
    ]) {
      const pieces = sentencesOf(text, 'en');
      expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(300);
      expect(pieces.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
    }
  });
});

describe('SSML', () => {
  it('[VO5] keeps what an engine may be trusted with', () => {
    expect(
      safeSsml(
        '<speak><!-- x --><p>one<break time="1s" onload="x"/></p><PROSODY rate=\'slow\'>two &amp; &lt;three</PROSODY></speak>',
      ),
    ).toEqual({
      ssml: '<speak> <p>one<break time="1s"/></p><prosody rate="slow">two &amp; &lt;three</prosody> </speak>'.replace(
        '<speak> ',
        '<speak>  ',
      ),
      leftOut: [],
    });
  });

  it('[VO5] leaves out whatever names a file, a voice or is not known', () => {
    const { ssml, leftOut } = safeSsml(
      '<audio src="/etc/passwd">a</audio><voice name="../../x">b</voice><mark name="x"/><amazon:effect name="w">c</amazon:effect><?xml-stylesheet href="x"?>',
    );
    expect(ssml).not.toMatch(/passwd|x"|audio|voice|mark|effect|stylesheet/);
    expect(leftOut).toEqual(['audio', 'voice', 'mark', 'amazon:effect']);
  });
});
