import { notifications, type NotificationKind } from './codes.ts';
import type { Complaints } from './complaints.ts';
import type { HttpMethod } from './document.ts';
import { limits } from './limits.ts';
import { nearestName } from './spelling.ts';
import type { Attribute, Element } from './tree.ts';

/** How a number is read: what it is without one, and where it must lie. */
export interface NumberRule {
  readonly fallback: number;
  readonly min?: number;
  readonly max?: number;
  readonly kind: NotificationKind;
}

/** The attributes of one element, read by name into the types the document wants. */
export class Attributes {
  readonly #element: Element;
  readonly #complaints: Complaints;
  readonly #known = new Set<string>();

  constructor(element: Element, complaints: Complaints) {
    this.#element = element;
    this.#complaints = complaints;
  }

  /** The value, also when it is empty; undefined without the attribute. */
  text(name: string): string | undefined {
    return this.#find(name)?.value;
  }

  /** The value as a property to spread, left out when blank. URLs stay as written. */
  optional<Name extends string>(name: Name): { readonly [Key in Name]?: string };
  optional(name: string): { readonly [name: string]: string } {
    const value = this.text(name);
    return value ? { [name]: value } : {};
  }

  /** GET or POST; POST without the attribute. */
  method(name: string, kind: NotificationKind = notifications.oddity): HttpMethod {
    return this.oneOf(name, ['POST', 'GET'], kind);
  }

  /** One of the values, compared without case; the first is the default. */
  oneOf<Value extends string>(
    name: string,
    values: readonly [Value, ...Value[]],
    kind: NotificationKind = notifications.oddity,
  ): Value {
    const attribute = this.#find(name);
    if (!attribute) return values[0];
    const written = attribute.value.toLowerCase();
    const found = values.find((value) => value.toLowerCase() === written);
    if (found === undefined) this.#refuse(attribute, kind, values[0], `Write ${values.join(', ')}.`);
    return found ?? values[0];
  }

  /** True or false, compared without case. */
  flag(name: string, fallback: boolean, kind: NotificationKind = notifications.oddity): boolean {
    const values = fallback ? (['true', 'false'] as const) : (['false', 'true'] as const);
    return this.oneOf(name, values, kind) === 'true';
  }

  /** A whole number; what is too large is read as the largest, anything else that is wrong as the default. */
  wholeNumber(name: string, rule: NumberRule): number {
    const { fallback, min = 0, max = limits.secondsMax, kind } = rule;
    const attribute = this.#find(name);
    if (!attribute) return fallback;
    const number = /^\d+$/.test(attribute.value) ? parseInt(attribute.value, 10) : NaN;
    if (number >= min && number <= max) return number;
    const instead = number > max ? max : fallback;
    this.#refuse(attribute, kind, String(instead), `Write a whole number from ${min} to ${max}.`);
    return instead;
  }

  /** As `wholeNumber`, with at least one second. */
  seconds(name: string, fallback: number, kind: NotificationKind): number {
    return this.wholeNumber(name, { fallback, min: 1, kind });
  }

  /** Those of the words that are known, in the order of `known`, split at commas and blanks; without any, `fallback`. */
  words<Word extends string>(
    name: string,
    known: readonly Word[],
    fallback: readonly Word[],
  ): readonly Word[] {
    const attribute = this.#find(name);
    const written = new Set(attribute?.value.toLowerCase().match(/[^\s,]+/g));
    for (const word of written) {
      if (attribute === undefined || known.some((other) => other === word)) continue;
      this.#complaints.add(
        notifications.oddity,
        attribute.at,
        `${name} holds the unknown word "${word}"; it was skipped.`,
        `Use ${known.join(', ')}.`,
      );
    }
    const found = known.filter((word) => written.has(word));
    return found.length > 0 ? found : fallback;
  }

  /** The value if it matches; otherwise a complaint and the default. */
  matching(name: string, pattern: RegExp, fallback: string, kind: NotificationKind): string {
    const attribute = this.#find(name);
    if (!attribute || pattern.test(attribute.value)) return attribute?.value ?? fallback;
    this.#refuse(attribute, kind, fallback || 'absent');
    return fallback;
  }

  /**
   * Complains about attributes that look like a misspelling of one that was read, or of one in `others`.
   * Attributes that are merely unknown are ignored.
   */
  finish(others: readonly string[] = []): void {
    if (this.#complaints.isFull) return;
    const known = new Set([...this.#known, ...others]);
    for (const { name, at } of this.#element.attributes) {
      if (known.has(name) || name.includes(':') || name === 'xmlns') continue;
      const meant = nearestName(name, known);
      if (meant === undefined) continue;
      this.#complaints.add(
        notifications.oddity,
        at,
        `<${this.#element.name}> has no attribute ${name}; it was ignored.`,
        `Did you mean ${meant}?`,
      );
    }
  }

  #find(name: string): Attribute | undefined {
    this.#known.add(name);
    return this.#element.attributes.find((attribute) => attribute.name === name);
  }

  #refuse(attribute: Attribute, kind: NotificationKind, instead: string, remedy: string = kind.remedy): void {
    this.#complaints.add(
      kind,
      attribute.at,
      `${attribute.name}="${attribute.value}" on <${this.#element.name}> cannot be used; read as ${instead}.`,
      remedy,
    );
  }
}
