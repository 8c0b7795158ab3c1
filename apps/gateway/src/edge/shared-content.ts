import { createHash } from 'node:crypto';

/**
 * Gives everybody who holds equal content the same object. Thousands of phones run the same few browsers, and what each
 * says it can receive is 6 KB; held once per browser version it is nothing.
 */
export class SharedContent<Content extends object> {
  readonly #known = new Map<string, Content>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  /** The object to keep in place of this one. It must not be changed by anybody. */
  share(content: Content): Content {
    const key = createHash('sha256').update(JSON.stringify(content)).digest('base64url');
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    // The oldest goes. Who holds it keeps it; it is only not shared any further.
    const [oldest] = this.#known.keys();
    if (this.#known.size >= this.#max && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(key, content);
    return content;
  }
}
