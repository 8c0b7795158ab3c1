import { parseRcmlBytes, type ParseResult } from '@parley/rcml';

/** Longer ones are as a rule made for one call. */
const BYTES_MAX = 8 * 1024;
const DOCUMENTS_MAX = 256;

/**
 * Reads answers, and knows again what it has read: most applications answer call after call with the same few documents,
 * and reading one costs more than fetching it. What is read is never changed, so that calls may share it.
 */
export class KnownDocuments {
  /** By content type and bytes; who was asked for least lately comes first. */
  readonly #known = new Map<string, ParseResult>();

  read(bytes: Uint8Array, facts: { readonly contentType?: string; readonly url: string }): ParseResult {
    // A sound is told by its type alone, and played from where it was found.
    if (bytes.length > BYTES_MAX || facts.contentType?.toLowerCase().startsWith('audio/') === true) {
      return parseRcmlBytes(bytes, facts);
    }
    // Each byte as the character of its number: whatever the encoding, other bytes are another text.
    const key = `${facts.contentType ?? ''}\n${Buffer.from(bytes).toString('latin1')}`;
    const read = this.#known.get(key) ?? parseRcmlBytes(bytes, facts);
    this.#known.delete(key);
    this.#known.set(key, read);
    const [oldest] = this.#known.keys();
    if (this.#known.size > DOCUMENTS_MAX && oldest !== undefined) this.#known.delete(oldest);
    return read;
  }
}
