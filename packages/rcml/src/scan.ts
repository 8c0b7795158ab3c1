import type { LooksLike } from './document.ts';
import { limits } from './limits.ts';
import { nearestName } from './spelling.ts';

/** An attribute as it stands in the text, references not yet decoded. */
interface ScannedAttribute {
  readonly name: string;
  readonly value: string;
  readonly index: number;
}

/** An opening tag, and where text stands directly inside its element. */
export interface ScannedTag {
  readonly name: string;
  readonly index: number;
  readonly attributes: readonly ScannedAttribute[];
  /** The first letter of every run of text that is not blank. */
  readonly textIndexes: number[];
}

/** Why a text cannot be read on. */
export interface Flaw {
  readonly looksLike: LooksLike;
  readonly index: number;
  readonly message: string;
  readonly remedy: string;
}

/** A stretch of the text, from its first index to the one after its last. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** What a scan found: where everything is, or the first flaw. */
export interface Scan {
  /** By the index of the `<`. */
  readonly tags: ReadonlyMap<number, ScannedTag>;
  /** Indexes of curly quotes that stand where a straight one belongs: opening, closing, opening… */
  readonly curlyQuotes: readonly number[];
  /** Where processing instructions stand, the XML declaration among them. */
  readonly instructions: readonly Span[];
  readonly flaw?: Flaw;
}

/** Blanks and byte order marks are common before the declaration, although XML forbids them. */
const prefix = /[ \t\r\n\uFEFF]*/y;
const blank = /[ \t\r\n]*/y;
const tagName = /[^\s=/<>"'“”‘’&]+/y;
const placeholder = /<[^<>="'/]+>/;
const shoutedTag = /^<[A-Z][A-Z0-9]*(?:[ _-][A-Z0-9]+)+\s*>|^<YOUR[A-Z0-9]*>/;

/**
 * Walks once over the text and notes where tags, attributes and text stand. The XML parser says what is
 * nested in what; it does not say where an attribute is, cannot read curly quotes and has few words for
 * what is wrong. This does.
 */
export function scan(text: string): Scan {
  const walk = new Walk(text);
  const flaw = walk.run();
  const { tags, curlyQuotes, instructions } = walk;
  return { tags, curlyQuotes, instructions, ...(flaw && { flaw }) };
}

class Walk {
  readonly tags = new Map<number, ScannedTag>();
  readonly curlyQuotes: number[] = [];
  readonly instructions: Span[] = [];
  readonly #text: string;
  readonly #open: ScannedTag[] = [];
  #at = 0;
  #root: ScannedTag | undefined;
  #flaw: Flaw | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  run(): Flaw | undefined {
    this.#at = this.#match(prefix, 0).length;
    while (this.#flaw === undefined && this.#at < this.#text.length) {
      const less = this.#text.indexOf('<', this.#at);
      const textEnd = less < 0 ? this.#text.length : less;
      this.#noteText(this.#at, textEnd);
      this.#at = textEnd;
      if (this.#flaw === undefined && less >= 0) this.#markup(less);
    }
    return this.#flaw ?? this.#flawAtEnd();
  }

  #markup(start: number): void {
    const startsWith = (mark: string): boolean => this.#text.startsWith(mark, start);
    if (startsWith('<!--')) this.#skipTo('-->', start, 'This comment is never closed.');
    else if (startsWith('<![CDATA[')) this.#cdata(start);
    else if (startsWith('<!')) {
      this.#fail(
        start,
        'A document type or entity declaration is not read.',
        'Leave it out.',
        'document-type',
      );
    } else if (startsWith('<?')) {
      this.#skipTo('?>', start, 'This instruction is never closed.');
      this.instructions.push({ start, end: this.#at });
    } else if (startsWith('</')) this.#closingTag(start);
    else this.#openingTag(start);
  }

  #noteText(from: number, to: number): void {
    const first = this.#skipBlank(from);
    if (first >= to) return;
    const parent = this.#open.at(-1);
    if (parent) parent.textIndexes.push(first);
    else if (this.#root) this.#failAfterRoot(first);
    else this.#fail(first, 'There is text before the first tag.', 'Begin with <Response>.', 'bare-text');
  }

  #failAfterRoot(index: number): void {
    this.#fail(
      index,
      `Something follows </${this.#root?.name ?? 'Response'}>.`,
      'End the answer there: look for what else the web server prints.',
      'text-after-response',
    );
  }

  #skipTo(mark: string, start: number, message: string): void {
    const end = this.#text.indexOf(mark, start + 2);
    // `<!-->` would otherwise close itself with its own dashes.
    const isOwn = mark === '-->' && end >= 0 && end < start + 4;
    const close = isOwn ? this.#text.indexOf(mark, start + 4) : end;
    if (close < 0) this.#fail(start, message, `Close it with ${mark}.`);
    else this.#at = close + mark.length;
  }

  #cdata(start: number): void {
    const parent = this.#open.at(-1);
    if (!parent) {
      if (this.#root) this.#failAfterRoot(start);
      else this.#fail(start, 'There is text before the first tag.', 'Begin with <Response>.', 'bare-text');
      return;
    }
    parent.textIndexes.push(start);
    this.#skipTo(']]>', start, 'This CDATA section is never closed.');
  }

  #closingTag(start: number): void {
    const name = this.#match(tagName, start + 2);
    const end = this.#skipBlank(start + 2 + name.length);
    if (this.#text[end] !== '>') {
      this.#fail(start, 'A closing tag holds a name and nothing else.', `Write </${name || 'Name'}>.`);
      return;
    }
    const opened = this.#open.pop();
    if (opened === undefined) {
      if (this.#root) this.#failAfterRoot(start);
      else this.#fail(start, `</${name}> closes what was never opened.`, 'Begin with <Response>.');
    } else if (opened.name === name) this.#at = end + 1;
    else if (shoutedTag.test(this.#text.slice(opened.index, opened.index + 80))) this.#failUnclosed(opened);
    else {
      this.#fail(
        start,
        `</${name}> stands where </${opened.name}> is expected.`,
        nearestName(name, [opened.name]) === undefined
          ? `Close <${opened.name}> before, or open <${name}> inside it.`
          : `Write </${opened.name}>: names are compared with case.`,
      );
    }
  }

  #openingTag(start: number): void {
    const name = this.#match(tagName, start + 1);
    if (name === '') {
      this.#fail(start, 'This < begins no tag.', 'Write &lt; where the sign itself is meant.');
      return;
    }
    const attributes: ScannedAttribute[] = [];
    this.#at = start + 1 + name.length;
    for (;;) {
      const at = this.#skipBlank(this.#at);
      const isClosed = this.#text.startsWith('/>', at);
      if (isClosed || this.#text[at] === '>') {
        this.#at = at + (isClosed ? 2 : 1);
        this.#enter({ name, index: start, attributes, textIndexes: [] }, isClosed);
        return;
      }
      const attribute = this.#attribute(start, at, attributes);
      if (attribute === undefined) return;
      attributes.push(attribute);
    }
  }

  #enter(tag: ScannedTag, isClosed: boolean): void {
    if (this.#open.length === 0) {
      if (this.#root) {
        this.#failAfterRoot(tag.index);
        return;
      }
      this.#root = tag;
    }
    this.tags.set(tag.index, tag);
    if (this.tags.size > limits.elementsMax) {
      this.#fail(tag.index, `More than ${limits.elementsMax} elements.`, 'Send fewer.', 'too-large');
    }
    if (this.#open.length >= limits.depthMax) {
      this.#fail(
        tag.index,
        `More than ${limits.depthMax} elements inside each other.`,
        'Nest less.',
        'too-deep',
      );
    }
    if (!isClosed) this.#open.push(tag);
  }

  #attribute(
    tagIndex: number,
    at: number,
    before: readonly ScannedAttribute[],
  ): ScannedAttribute | undefined {
    const name = this.#match(tagName, at);
    if (at >= this.#text.length) return this.#fail(tagIndex, 'This tag is never closed.', 'Close it with >.');
    if (name === '') return this.#fail(at, 'An attribute is expected here.', 'Write name="value".');
    if (at === this.#at)
      return this.#fail(at, `No blank stands before ${name}.`, 'Put a blank between attributes.');
    if (before.length >= limits.attributesPerElementMax) {
      return this.#fail(
        at,
        `More than ${limits.attributesPerElementMax} attributes.`,
        'Send fewer.',
        'too-large',
      );
    }
    if (before.some((other) => other.name === name)) {
      return this.#fail(at, `The attribute ${name} is there twice.`, 'Keep one of them.');
    }
    const equals = this.#skipBlank(at + name.length);
    if (this.#text[equals] !== '=') {
      const isPlaceholder = shoutedTag.test(this.#text.slice(tagIndex, tagIndex + 80));
      return isPlaceholder
        ? this.#failPlaceholder(tagIndex)
        : this.#fail(at, `The attribute ${name} has no value.`, `Write ${name}="…".`);
    }
    const quote = this.#skipBlank(equals + 1);
    const value = this.#value(quote, name);
    if (value === undefined) return undefined;
    if (value.includes('<')) return this.#failLess(quote, name, value);
    this.#at = quote + value.length + 2;
    return { name, value, index: at };
  }

  /** The text between the quotes, whose first stands at `quote`; curly ones are noted and read as straight. */
  #value(quote: number, name: string): string | undefined {
    const mark = this.#text[quote] ?? '';
    if (mark === '"' || mark === "'") {
      const end = this.#text.indexOf(mark, quote + 1);
      if (end >= 0) return this.#text.slice(quote + 1, end);
      return this.#fail(quote, `The value of ${name} is never closed.`, `Close it with ${mark}.`);
    }
    const closing = closingMarks(mark);
    if (closing === undefined) {
      return this.#fail(quote, `The value of ${name} is not in quotes.`, `Write ${name}="…".`);
    }
    let end = quote + 1;
    while (end < this.#text.length && !closing.includes(this.#text.charAt(end))) end++;
    if (end === this.#text.length) {
      return this.#fail(quote, `The value of ${name} is never closed.`, 'Use straight quotes: ".');
    }
    this.curlyQuotes.push(quote, end);
    return this.#text.slice(quote + 1, end);
  }

  #failLess(quote: number, name: string, value: string): undefined {
    const index = quote + 1 + value.indexOf('<');
    // A closing tag inside a value means that the value has swallowed part of the document.
    if (placeholder.test(value) && !value.includes('</')) return this.#failPlaceholder(index);
    return this.#fail(
      index,
      `The value of ${name} holds a <.`,
      `Write &lt;, or look for a quote that is missing after ${name}=.`,
    );
  }

  #failPlaceholder(index: number): undefined {
    const written = /^<[^<>]*>/.exec(this.#text.slice(index, index + 80))?.[0] ?? 'A placeholder';
    return this.#fail(
      index,
      `${written} looks like a placeholder that was left in.`,
      'Put the real value in its place.',
      'placeholder-left-in',
    );
  }

  #failUnclosed(tag: ScannedTag): void {
    if (shoutedTag.test(this.#text.slice(tag.index, tag.index + 80))) this.#failPlaceholder(tag.index);
    else this.#fail(tag.index, `<${tag.name}> is never closed.`, `Close it with </${tag.name}>.`);
  }

  #flawAtEnd(): Flaw | undefined {
    const innermost = this.#open.at(-1);
    if (innermost) this.#failUnclosed(innermost);
    else if (!this.#root)
      this.#fail(0, 'The answer is empty.', 'Answer with <Response></Response>.', 'empty');
    return this.#flaw;
  }

  #fail(index: number, message: string, remedy: string, looksLike: LooksLike = 'broken-xml'): undefined {
    this.#flaw ??= { looksLike, index, message, remedy };
    return undefined;
  }

  #match(pattern: RegExp, index: number): string {
    pattern.lastIndex = index;
    return pattern.exec(this.#text)?.[0] ?? '';
  }

  #skipBlank(index: number): number {
    return index + this.#match(blank, index).length;
  }
}

/** What may close a value that this mark opened. */
function closingMarks(mark: string): string | undefined {
  if ('“”„‟″'.includes(mark) && mark !== '') return '“”„‟″"';
  if ('‘’‚‛′'.includes(mark) && mark !== '') return "‘’‚‛′'";
  return undefined;
}
