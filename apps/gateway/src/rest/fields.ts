import * as v from 'valibot';
import type { FormParams } from '../out/form-params.ts';
import { RestRefusal, type RefusalName } from './rest-refusal.ts';

/** A form or a query as it came: a name that is given more than once has several values. */
export type RawFields = Readonly<Record<string, string | readonly string[]>>;

/** What an operation reads: an object whose entries are the fields by their CamelCase names. */
export type FieldsSchema = v.ObjectSchema<Record<string, v.GenericSchema>, undefined>;

/** Reads a form-encoded text. */
export function rawFields(params: URLSearchParams): RawFields {
  const fields: Record<string, string | readonly string[]> = Object.create(null);
  for (const name of new Set(params.keys())) {
    const values = params.getAll(name);
    fields[name] = values.length === 1 ? (values[0] ?? '') : values;
  }
  return fields;
}

/** Writes parameters as a form. */
export function formText(params: FormParams): string {
  const form = new URLSearchParams();
  for (const [name, value] of params) form.append(name, value);
  return form.toString();
}

/** Which numbers say that a certain field is missing or wrong. */
const CODES: Readonly<Record<string, { readonly missing?: RefusalName; readonly wrong?: RefusalName }>> = {
  To: { missing: 'toMissing', wrong: 'toInvalid' },
  From: { missing: 'fromMissing', wrong: 'fromInvalid' },
  Url: { missing: 'urlInvalid', wrong: 'urlInvalid' },
  FallbackUrl: { wrong: 'urlInvalid' },
  StatusCallback: { wrong: 'callbackInvalid' },
  Callback: { missing: 'callbackInvalid', wrong: 'callbackInvalid' },
};

/** Reads the fields of an operation, or throws a {@link RestRefusal} that names the first one that is wrong. */
export function readFields<Schema extends FieldsSchema>(
  schema: Schema,
  raw: RawFields,
): v.InferOutput<Schema> {
  const given: Record<string, unknown> = {};
  for (const [name, entry] of Object.entries<v.GenericSchema>(schema.entries)) {
    const value = raw[name];
    // An empty field is one that was left out, except where emptying is a change.
    if (value !== undefined && (value !== '' || notesOf(entry).clearable === true)) given[name] = value;
  }
  const read = v.safeParse(schema, given, { abortEarly: true });
  if (read.success) return read.output;
  const [issue] = read.issues;
  const name = v.getDotPath(issue)?.split('.', 1)[0] ?? '';
  const codes = CODES[name];
  if (given[name] === undefined)
    throw new RestRefusal(codes?.missing ?? 'invalidParameter', `${name} is required`);
  const message = Array.isArray(given[name]) ? 'is to be given once' : issue.message;
  throw new RestRefusal(codes?.wrong ?? 'invalidParameter', `${name} ${message}`);
}

/** What is said of a field beside its checks. */
export interface FieldNotes extends Record<string, unknown> {
  /** Sent empty, it takes something away; any other field that is empty counts as left out. */
  readonly clearable?: boolean;
  /** How the description shows it, where a text becomes something else before it is checked. */
  readonly shown?: Readonly<Record<string, unknown>>;
}

function notes<Text>(said: FieldNotes): v.MetadataAction<Text, FieldNotes> {
  return v.metadata(said);
}

/** What is said of a field. */
export function notesOf(entry: v.GenericSchema): FieldNotes {
  return v.getMetadata(unwrapped(entry));
}

/** The field itself, whether or not it may be left out. */
export function unwrapped(entry: v.GenericSchema): v.GenericSchema {
  return entry.type === 'optional' && 'wrapped' in entry ? (entry.wrapped as v.GenericSchema) : entry;
}

// The kinds of field. Each message goes on from the field's name: "Timeout is a whole number from 1 to 600".

/** Text of up to so many characters. */
export function text(lengthMax: number, description: string) {
  return v.pipe(
    v.string(),
    v.maxLength(lengthMax, `has at most ${lengthMax} characters`),
    v.description(description),
  );
}

/** An absolute http or https URL. */
export function url(description: string) {
  return v.pipe(
    v.string(),
    v.maxLength(4000, 'has at most 4000 characters'),
    v.check(isWebUrl, 'is not an absolute http or https URL'),
    v.description(description),
  );
}

/** A URL that is taken away by sending it empty. */
export function clearableUrl(description: string) {
  return v.pipe(
    v.string(),
    v.maxLength(4000, 'has at most 4000 characters'),
    v.check((value) => value === '' || isWebUrl(value), 'is not an absolute http or https URL'),
    v.transform((value) => (value === '' ? null : value)),
    v.description(`${description} Send it empty to take it away.`),
    notes({ clearable: true }),
  );
}

/** A sid of one kind that is taken away by sending it empty. */
export function clearableSid(prefix: string, description: string) {
  return v.pipe(
    v.string(),
    v.regex(new RegExp(`^(${prefix}[0-9a-f]{32})?$`), `is ${prefix} and 32 hex digits`),
    v.transform((value) => (value === '' ? null : value)),
    v.description(`${description} Send it empty to take it away.`),
    notes({ clearable: true }),
  );
}

/** A sid of one kind. */
export function sid(prefix: string, description: string) {
  return v.pipe(
    v.string(),
    v.regex(new RegExp(`^${prefix}[0-9a-f]{32}$`), `is ${prefix} and 32 hex digits`),
    v.description(description),
  );
}

/** `GET` or `POST`, in any case. */
export function method(description: string) {
  return v.pipe(
    v.string(),
    v.transform((value) => value.toUpperCase()),
    v.picklist(['GET', 'POST'], 'is GET or POST'),
    v.description(description),
    notes({ shown: { type: 'string', enum: ['GET', 'POST'] } }),
  );
}

export function wholeNumber(min: number, max: number, description: string) {
  const message = `is a whole number from ${min} to ${max}`;
  return v.pipe(
    v.string(),
    v.regex(/^\d{1,15}$/, message),
    v.transform(Number),
    v.minValue(min, message),
    v.maxValue(max, message),
    v.description(description),
    notes({ shown: { type: 'integer', minimum: min, maximum: max } }),
  );
}

/** `true` or `false`; `1` and `0` are read too. */
export function flag(description: string) {
  return v.pipe(
    v.string(),
    v.transform((value) => value.toLowerCase()),
    v.picklist(['true', 'false', '1', '0'], 'is true or false'),
    v.transform((value) => value === 'true' || value === '1'),
    v.description(description),
    notes({ shown: { type: 'boolean' } }),
  );
}

/** One of a few words, in any case. */
export function word<const Words extends readonly [string, ...string[]]>(words: Words, description: string) {
  return v.pipe(
    v.string(),
    v.transform((value) => value.toLowerCase()),
    v.picklist(words, `is one of ${words.join(', ')}`),
    v.description(description),
    notes({ shown: { type: 'string', enum: words } }),
  );
}

/** Several of a few words: repeated fields, or one with commas or blanks between them. */
export function words<const Words extends readonly [string, ...string[]]>(known: Words, description: string) {
  return v.pipe(
    v.union([v.string(), v.array(v.string())]),
    v.transform((value) =>
      [value]
        .flat()
        .flatMap((piece) => piece.toLowerCase().split(/[\s,]+/))
        .filter((piece) => piece !== ''),
    ),
    v.array(v.picklist(known, `holds only ${known.join(', ')}`)),
    v.transform((list) => known.filter((one): one is Words[number] => list.includes(one))),
    v.description(description),
    notes({ shown: { type: 'array', items: { type: 'string', enum: known } } }),
  );
}

/** Something that others offer and this gateway does not: refused, because silence would pass for a promise. */
export function unsupported(what: string) {
  return v.pipe(
    v.string(),
    v.regex(/^(false|0|none|do-not-record)$/i, 'is not supported here: leave it out'),
    v.description(`Not supported: ${what} Anything but \`false\` or \`none\` is refused.`),
  );
}

function isWebUrl(value: string): boolean {
  return /^https?:$/.test(URL.parse(value)?.protocol ?? '');
}

/** A moment, or the day it begins: `2026-05-01` or `2026-05-01T12:00:00Z`. */
export interface Moment {
  readonly fromMs: number;
  /** The end of the day or the second that was written. */
  readonly beforeMs: number;
}

export function moment(description: string) {
  return v.pipe(
    v.string(),
    v.regex(
      /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d))?$/,
      'is a day like 2026-05-01 or a time like 2026-05-01T12:00:00Z',
    ),
    v.check((value) => !Number.isNaN(Date.parse(value)), 'is no day of the calendar'),
    v.transform((value): Moment => {
      const fromMs = Date.parse(value);
      return { fromMs, beforeMs: fromMs + (value.length === 10 ? 86_400_000 : 1000) };
    }),
    v.description(description),
  );
}

/** The three ways to ask for a span of time: `StartTime`, `StartTime<` and `StartTime>`, as Twilio writes them. */
export function spanFields<const Name extends string>(name: Name, what: string) {
  const within = v.optional(moment(`${what} on this day, or in this second.`));
  const before = v.optional(moment(`${what} before this day or time.`));
  const from = v.optional(moment(`${what} at the beginning of this day, at this time, or later.`));
  return { [name]: within, [`${name}<`]: before, [`${name}>`]: from } as Record<
    Name | `${Name}<` | `${Name}>`,
    typeof within
  >;
}

/** The span that was asked for: its beginning, and where it ends. */
export function span(
  within: Moment | undefined,
  before: Moment | undefined,
  from: Moment | undefined,
): { readonly fromMs?: number; readonly beforeMs?: number } {
  const fromMs = latest(within?.fromMs, from?.fromMs);
  const beforeMs = earliest(within?.beforeMs, before?.fromMs);
  return { ...(fromMs !== undefined && { fromMs }), ...(beforeMs !== undefined && { beforeMs }) };
}

function latest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
