import { notifications } from './codes.ts';
import type { Complaint, ParseResult } from './document.ts';
import { limits } from './limits.ts';
import { wordProcessorFile } from './looks-like.ts';
import { parseRcml, refuse } from './parse.ts';
import { locator } from './position.ts';

/** What is known about an answer beside its bytes. */
export interface AnswerFacts {
  /** The `Content-Type` header as it came; an absent one is guessed from the bytes. */
  readonly contentType?: string;
  /** Where the answer was found. An audio answer becomes a `<Play>` of it. */
  readonly url: string;
}

// The platform has it in every place we run, and this package takes no platform types. Only what is used is declared.
declare class TextDecoder {
  constructor(label: string, options: { readonly fatal: boolean; readonly ignoreBOM?: boolean });
  decode(bytes: Uint8Array): string;
}

const start = { line: 1, column: 1 };
const startOfText = locator('');

/** Reads the body of an HTTP answer into a document, by its content type and encoding. Never throws. */
export function parseRcmlBytes(bytes: Uint8Array, { contentType, url }: AnswerFacts): ParseResult {
  if (bytes.length === 0) return parseRcml('');
  const { type, charset } = readContentType(contentType ?? '');
  if (type.startsWith('audio/')) {
    return { ok: true, document: { verbs: [{ verb: 'Play', at: start, url, loop: 1 }] }, complaints: [] };
  }
  if (type !== '' && type !== 'text/plain' && !isRcmlType(type)) {
    return refuse(startOfText, {
      looksLike: 'wrong-content-type',
      index: 0,
      message: `The content type ${type} cannot be used.`,
      remedy: 'Answer with Content-Type text/xml.',
    });
  }
  if (bytes.length > limits.documentBytesMax) {
    return refuse(startOfText, {
      looksLike: 'too-large',
      index: 0,
      message: `The document is larger than ${limits.documentBytesMax / 1024} KiB.`,
      remedy: 'Send less, or go on with <Redirect>.',
    });
  }
  // Such a file is no text in any encoding, and saying what it is helps more.
  const file = wordProcessorFile(String.fromCharCode(...bytes.subarray(0, 512)));
  if (file) return refuse(startOfText, file);
  const encoding = findEncoding(bytes, charset);
  const text = decodeBytes(bytes, encoding);
  if (text === undefined) return refuseEncoding(bytes, encoding);
  if (type === 'text/plain') return speak(text);
  const result = parseRcml(text);
  return type === '' ? { ...result, complaints: [typeMissing, ...result.complaints] } : result;
}

const typeMissing: Complaint = {
  code: notifications.contentTypeUnusable.code,
  severity: 'warning',
  message: 'The answer has no content type; it was read as RCML.',
  at: start,
  remedy: notifications.contentTypeUnusable.remedy,
};

function readContentType(contentType: string): { readonly type: string; readonly charset?: string } {
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  const charset = /;\s*charset\s*=\s*["']?([^\s"';]+)/i.exec(contentType)?.[1];
  return { type, ...(charset !== undefined && { charset }) };
}

function isRcmlType(type: string): boolean {
  return type === 'text/xml' || type === 'application/xml' || type === 'text/html' || type.endsWith('+xml');
}

/** The order of RFC 7303 §3: a byte order mark, then the header, then the declaration, then UTF-8. */
function findEncoding(bytes: Uint8Array, charset: string | undefined): string {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (charset !== undefined) return charset.toLowerCase();
  // Without a mark, a `<` of two bytes gives UTF-16 away.
  if (first === 0x3c && second === 0) return 'utf-16le';
  if (first === 0 && second === 0x3c) return 'utf-16be';
  const begin = String.fromCharCode(...bytes.subarray(0, 256));
  return /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"'>]+)["']/.exec(begin)?.[1]?.toLowerCase() ?? 'utf-8';
}

function decodeBytes(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    // Either no decoder has this name, or the bytes are not what it decodes. Both are the answer's mistake.
    return undefined;
  }
}

function refuseEncoding(bytes: Uint8Array, encoding: string): ParseResult {
  const sound = soundPrefix(bytes, encoding);
  return refuse(locator(sound), {
    looksLike: 'wrong-encoding',
    index: sound.length,
    message: `The bytes are not ${encoding}, which is what was declared or is the default.`,
    remedy: 'Send UTF-8, and declare nothing else.',
  });
}

/** The longest text that decodes, so that the complaint can say where the first wrong byte is. */
function soundPrefix(bytes: Uint8Array, encoding: string): string {
  let low = 0;
  let high = bytes.length;
  let sound = '';
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    // A cut through a character is no fault of the bytes before it, so up to three more are given.
    const text = [0, 1, 2, 3]
      .map((more) => decodeBytes(bytes.subarray(0, Math.max(0, middle - more)), encoding))
      .find(isText);
    if (text === undefined) high = middle - 1;
    else {
      low = middle;
      sound = text;
    }
  }
  return sound;
}

function isText(text: string | undefined): text is string {
  return text !== undefined;
}

function speak(text: string): ParseResult {
  const words = text.trim();
  if (words === '') return parseRcml('');
  const say = { verb: 'Say', at: start, text: words, voice: 'man', language: 'en', loop: 1 } as const;
  const complaint: Complaint = {
    code: notifications.contentTypeUnusable.code,
    severity: 'warning',
    message: 'This looks like RCML, and is spoken as it stands because it came as text/plain.',
    at: start,
    remedy: notifications.contentTypeUnusable.remedy,
  };
  return { ok: true, document: { verbs: [say] }, complaints: words.includes('<Response') ? [complaint] : [] };
}
