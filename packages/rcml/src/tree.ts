import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { Position } from './document.ts';
import type { Locate } from './position.ts';
import { scan, type Flaw, type Scan, type ScannedTag } from './scan.ts';

/** An attribute with its value decoded and trimmed. */
export interface Attribute {
  readonly name: string;
  readonly value: string;
  readonly at: Position;
}

/** An element with everything in its place. Text is decoded, not trimmed. */
export interface Element {
  readonly name: string;
  readonly at: Position;
  readonly attributes: readonly Attribute[];
  readonly children: readonly (Element | string)[];
  /** Where each run of text begins. */
  readonly textAt: readonly Position[];
}

/** Something that was read around before there was a document to speak of. */
interface Mend {
  readonly at: Position;
  readonly message: string;
  readonly remedy: string;
}

/** The root element of a text, or the flaw that kept us from it. */
export type Tree = { readonly root: Element; readonly mends: readonly Mend[] } | { readonly flaw: Flaw };

// No XML document may hold this one (XML 1.0 §2.2), so it can stand in for a bare `&`: one unit for one
// unit, which keeps every index true to the text as written.
const bareAmpersand = '\uFFFF';

const parser = new XMLParser({
  preserveOrder: true,
  captureMetaData: true,
  processEntities: false,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  parseTagValue: false,
  trimValues: false,
  cdataPropName: '#cdata',
  // The parser refuses elements called like parts of a JavaScript object. Ours takes names from the scan.
  transformTagName: (name) => `_${name}`,
});
const metaData: unknown = XMLParser.getMetaDataSymbol();

/** Parses a text that holds no character XML forbids. */
export function parseTree(text: string, locate: Locate): Tree {
  const scanned = scan(text);
  if (scanned.flaw) return { flaw: scanned.flaw };
  const mended = mend(text, scanned);
  const verdict = XMLValidator.validate(mended);
  if (verdict !== true) return { flaw: flawFrom(verdict.err.msg, mended, verdict.err.line, verdict.err.col) };
  const reading: Reading = { scanned, locate, seen: new Set() };
  const root = childrenFrom(parseNodes(mended), reading).find((child) => typeof child !== 'string');
  // Two readers that disagree have met a text neither of us has thought of; guessing would be worse.
  if (!root || reading.seen.size !== scanned.tags.size) {
    return { flaw: flawFrom('its elements cannot be told apart.', mended, 1, 1) };
  }
  return { root, mends: curlyQuoteMends(scanned, locate) };
}

function parseNodes(mended: string): unknown {
  try {
    return parser.parse(mended);
  } catch {
    // The parser throws for what it does not like, and nothing that came over HTTP may throw here.
    return [];
  }
}

interface Reading {
  readonly scanned: Scan;
  readonly locate: Locate;
  /** The tags that have become elements. */
  readonly seen: Set<ScannedTag>;
}

/** The text as the parser accepts it, of the same length. */
function mend(text: string, { curlyQuotes, instructions }: Scan): string {
  let mended = text
    .replace(/&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9a-fA-F]+);)/g, bareAmpersand)
    .replace(/^[ \t\r\n\uFEFF]+/, (before) => before.replaceAll('\uFEFF', ' '));
  // An instruction tells us nothing, the parser stumbles over an apostrophe in one, and over a declaration
  // that something stands before.
  if (instructions.length > 0) {
    const pieces: string[] = [];
    let copied = 0;
    for (const { start, end } of instructions) {
      pieces.push(mended.slice(copied, start), ' '.repeat(end - start));
      copied = end;
    }
    mended = pieces.join('') + mended.slice(copied);
  }
  if (curlyQuotes.length === 0) return mended;
  const units = mended.split('');
  for (let pair = 0; pair + 1 < curlyQuotes.length; pair += 2) {
    const [open = 0, close = 0] = curlyQuotes.slice(pair, pair + 2);
    // Whichever straight quote the value itself does not hold.
    const quote = mended.slice(open + 1, close).includes('"') ? "'" : '"';
    units[open] = quote;
    units[close] = quote;
  }
  return units.join('');
}

function curlyQuoteMends({ curlyQuotes }: Scan, locate: Locate): readonly Mend[] {
  return curlyQuotes
    .filter((_, order) => order % 2 === 0)
    .map((index) => ({
      at: locate(index),
      message: 'Curly quotes stand around an attribute value; they were read as straight ones.',
      remedy: 'Use straight quotes: ".',
    }));
}

function flawFrom(reason: string, mended: string, line: number, column: number): Flaw {
  const lines = mended.split(/(?<=\r\n|\n)/).slice(0, Math.max(0, line - 1));
  const index = lines.join('').length + Math.max(0, (column || 1) - 1);
  return {
    looksLike: 'broken-xml',
    index,
    message: `The XML is broken: ${reason}`,
    remedy: 'Correct it there.',
  };
}

function childrenFrom(nodes: unknown, reading: Reading): (Element | string)[] {
  const children: (Element | string)[] = [];
  if (!Array.isArray(nodes)) return children;
  const list: readonly unknown[] = nodes;
  for (const node of list) {
    const child = childFrom(node, reading);
    if (child !== undefined) children.push(child);
  }
  return children;
}

function childFrom(node: unknown, reading: Reading): Element | string | undefined {
  if (!isRecord(node)) return undefined;
  const text = node['#text'];
  if (typeof text === 'string') return decode(text);
  const cdata: unknown = node['#cdata'];
  if (Array.isArray(cdata)) {
    const first: unknown = cdata[0];
    return isRecord(first) && typeof first['#text'] === 'string' ? restore(first['#text']) : '';
  }
  const tag = tagOf(node, reading.scanned);
  if (!tag) return undefined;
  reading.seen.add(tag);
  const { locate } = reading;
  const [key = ''] = Object.keys(node);
  return {
    name: tag.name,
    at: locate(tag.index),
    attributes: tag.attributes.map(({ name, value, index }) => ({
      name,
      value: decode(value.replace(/[\t\r\n]/g, ' ')).trim(),
      at: locate(index),
    })),
    children: childrenFrom(node[key], reading),
    textAt: tag.textIndexes.map(locate),
  };
}

function tagOf(node: { readonly [key: PropertyKey]: unknown }, scanned: Scan): ScannedTag | undefined {
  const meta = typeof metaData === 'symbol' ? node[metaData] : undefined;
  const start = isRecord(meta) ? meta['startIndex'] : undefined;
  return typeof start === 'number' ? scanned.tags.get(start) : undefined;
}

function isRecord(value: unknown): value is { readonly [key: PropertyKey]: unknown } {
  return typeof value === 'object' && value !== null;
}

const predefined: { readonly [name: string]: string } = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Decodes the references XML knows by itself. Any other `&` was never a reference, and stays. */
function decode(text: string): string {
  if (!text.includes('&')) return restore(text);
  return restore(
    text.replace(/&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-z]+));/g, (written, hex, decimal, name) => {
      if (typeof name === 'string') return predefined[name] ?? written;
      const code = typeof hex === 'string' ? parseInt(hex, 16) : parseInt(String(decimal), 10);
      return isCharacter(code) ? String.fromCodePoint(code) : written;
    }),
  );
}

function restore(text: string): string {
  return text.replaceAll(bareAmpersand, '&');
}

/** Whether XML lets this code point stand in a document (XML 1.0 §2.2). */
export function isCharacter(code: number): boolean {
  return (
    code === 0x9 ||
    code === 0xa ||
    code === 0xd ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff)
  );
}
