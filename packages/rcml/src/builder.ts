import type {
  Client,
  Conference,
  Dial,
  Gather,
  Number,
  Play,
  Record as RecordVerb,
  Redirect,
  Reject,
  Say,
  Sip,
  VideoAttributes,
} from './document.ts';
import { escapeAttribute, escapeText } from './xml.ts';

/** A verb ready to be put into `response`. */
export interface VerbXml {
  readonly verb: string;
  readonly xml: string;
}

/** A verb that may also stand in `gather`. */
export interface PromptXml extends VerbXml {
  readonly isPrompt: true;
}

/** A noun ready to be put into `dial`. */
export interface NounXml {
  readonly noun: string;
  readonly xml: string;
}

/** Everything a document can say about one thing, all of it optional, under the names a parsed document has. */
type Options<Part, Given extends string = never> = Partial<
  Omit<Part, 'verb' | 'noun' | 'at' | 'target' | 'refused' | 'parameters' | 'videoAttributes' | Given>
>;

/** Custom parameters, and what kind of video. */
interface NounExtras {
  /** Reach the callee as `customParameters`. */
  readonly parameters?: { readonly [name: string]: string };
}

interface VideoExtras {
  /** Given, it asks for video unless `video` is false. */
  readonly videoAttributes?: Partial<VideoAttributes>;
}

/** What `dial` takes before its nouns. */
export type DialOptions = Options<Dial, 'nouns'>;
/** What `client` takes after the name. */
export type ClientOptions = Options<Client> & NounExtras & VideoExtras;
/** What `number` takes after the number. */
export type NumberOptions = Options<Number> & NounExtras;
/** What `sip` takes after the address. */
export type SipOptions = Options<Sip> & NounExtras & VideoExtras;
/** What `conference` takes after the name of the room. */
export type ConferenceOptions = Options<Conference> & VideoExtras;
/** What `gather` takes before its prompts. */
export type GatherOptions = Options<Gather, 'prompts'>;

/** Writes a whole document, ready to be sent as `text/xml`. */
export function response(...verbs: readonly VerbXml[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('Response', {}, verbs)}\n`;
}

/** Calls somebody: `dial(client('jenny'))`, or with options before the nouns. */
export function dial(...nouns: readonly NounXml[]): VerbXml;
export function dial(options: DialOptions, ...nouns: readonly NounXml[]): VerbXml;
export function dial(first: DialOptions | NounXml = {}, ...rest: readonly NounXml[]): VerbXml {
  return 'noun' in first ? verb('Dial', {}, [first, ...rest]) : verb('Dial', first, rest);
}

/** Rings everybody registered under a name; the name may hold URI parameters, as RCML has it. */
export function client(name: string, options: ClientOptions = {}): NounXml {
  return noun('Client', name, options);
}

/** Rings a telephone number. */
export function number(digits: string, options: NumberOptions = {}): NounXml {
  return noun('Number', digits, options);
}

/** Rings a SIP address. */
export function sip(uri: string, options: SipOptions = {}): NounXml {
  return noun('Sip', uri, options);
}

/** Joins a room. */
export function conference(room: string, options: ConferenceOptions = {}): NounXml {
  return noun('Conference', room, options);
}

/** Speaks a text; `{ ssml }` is written as it is and must be well-formed. */
export function say(
  words: string | { readonly ssml: string },
  options: Options<Say, 'text' | 'ssml'> = {},
): PromptXml {
  return prompt('Say', options, typeof words === 'string' ? escapeText(words) : words.ssml);
}

/** Plays a sound; without a URL, the digits of the options. */
export function play(url: string, options: Options<Play, 'url'> = {}): PromptXml {
  return prompt('Play', options, escapeText(url));
}

/** Waits. */
export function pause(lengthSeconds = 1): PromptXml {
  return prompt('Pause', { lengthSeconds }, '');
}

/** Collects keys or speech: `gather(say('Press one'))`, or with options before the prompts. */
export function gather(...prompts: readonly PromptXml[]): VerbXml;
export function gather(options: GatherOptions, ...prompts: readonly PromptXml[]): VerbXml;
export function gather(first: GatherOptions | PromptXml = {}, ...rest: readonly PromptXml[]): VerbXml {
  return 'verb' in first ? verb('Gather', {}, [first, ...rest]) : verb('Gather', first, rest);
}

/** Records the caller. */
export function record(options: Options<RecordVerb> = {}): VerbXml {
  return verb('Record', options, []);
}

/** Ends the call. */
export function hangup(): VerbXml {
  return verb('Hangup', {}, []);
}

/** Goes on with another document. */
export function redirect(url: string, options: Options<Redirect, 'url'> = {}): VerbXml {
  return verb('Redirect', options, [{ xml: escapeText(url) }]);
}

/** Declines a call that is not yet answered. */
export function reject(reason: Reject['reason'] = 'rejected'): VerbXml {
  return verb('Reject', { reason }, []);
}

interface Xml {
  readonly xml: string;
}

function verb(name: string, options: object, children: readonly Xml[]): VerbXml {
  return { verb: name, xml: element(name, options, children) };
}

function prompt(name: string, options: object, body: string): PromptXml {
  return { ...verb(name, options, [{ xml: body }]), isPrompt: true };
}

function noun(
  name: string,
  target: string,
  options: NounExtras & VideoExtras & { readonly video?: boolean },
): NounXml {
  const { parameters = {}, video, videoAttributes, ...attributes } = options;
  const children = Object.entries(parameters).map(([key, value]) => ({
    xml: element('Parameter', { name: key, value }, []),
  }));
  if (video === undefined && videoAttributes === undefined) {
    return { noun: name, xml: element(name, attributes, [{ xml: escapeText(target) }, ...children]) };
  }
  const enable = video === false ? { enable: false } : {};
  children.unshift({ xml: element('Video', { ...enable, ...videoAttributes }, []) });
  // With video the target is an attribute: that is how RCML's own documents write it.
  return { noun: name, xml: element(name, { name: target, ...attributes }, children) };
}

function element(name: string, options: object, children: readonly Xml[]): string {
  let attributes = '';
  const entries: readonly (readonly [string, unknown])[] = Object.entries(options);
  for (const [option, value] of entries) {
    if (value === undefined) continue;
    attributes += ` ${attributeName(option)}="${escapeAttribute(attributeValue(option, value))}"`;
  }
  const body = children.map(({ xml }) => xml).join('');
  return body === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${body}</${name}>`;
}

/** A document's names say the unit and the plural; RCML's do not. */
function attributeName(option: string): string {
  if (option === 'screeningTimeoutSeconds') return 'timeout';
  return option.replace(/Seconds$/, '').replace(/Events$/, 'Event');
}

function attributeValue(option: string, value: unknown): string {
  if (Array.isArray(value)) return value.join(option === 'hints' ? ',' : ' ');
  return String(value);
}
