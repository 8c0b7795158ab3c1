import { Attributes } from './attributes.ts';
import { notifications, type NotificationKind } from './codes.ts';
import type { Complaints } from './complaints.ts';
import type { Pause, Play, Prompt, Say } from './document.ts';
import { childElements, complainOfChild, ownText } from './elements.ts';
import { limits } from './limits.ts';
import type { Element } from './tree.ts';
import { escapeAttribute, escapeText } from './xml.ts';

const ssmlNames: ReadonlySet<string> = new Set(
  'speak break emphasis lang mark p paragraph phoneme prosody s sentence say-as sub voice w audio amazon:effect'.split(
    ' ',
  ),
);
/** Where one word ends and the next begins, although no blank is written. */
const wordBoundaries: ReadonlySet<string> = new Set(['break', 'p', 'paragraph', 's', 'sentence']);

/** Null means that there is nothing to do. A prompt inside `<Gather>` complains of its loop by another number. */
type PromptReader = (element: Element, complaints: Complaints, loopKind?: NotificationKind) => Prompt | null;

/** The names of prompts, and how each is read. */
export const promptReaders: ReadonlyMap<string, PromptReader> = new Map<string, PromptReader>([
  ['Say', readSay],
  ['Play', readPlay],
  ['Pause', readPause],
]);

function readSay(element: Element, complaints: Complaints, loopKind = notifications.sayLoop): Say | null {
  const attributes = new Attributes(element, complaints);
  const loop = readLoop(attributes, loopKind);
  const voice = attributes.text('voice') || 'man';
  const language = attributes.text('language') || 'en';
  attributes.finish();
  const hasTags = childElements(element).length > 0;
  const body = hasTags ? withoutStrangers(element, complaints) : element;
  const text = hasTags ? spokenText(body).replace(/\s+/g, ' ').trim() : ownText(body);
  if (text === '') {
    complaints.add(notifications.sayEmpty, element.at, '<Say> holds no words; it was skipped.');
    return null;
  }
  const ssml = childElements(body).length > 0 ? { ssml: body.children.map(writeSsml).join('').trim() } : {};
  return { verb: 'Say', at: element.at, text, ...ssml, voice, language, loop };
}

/** Leaves out tags that are not SSML. Their text is kept, except that of verbs, which were not meant to be spoken. */
function withoutStrangers(element: Element, complaints: Complaints): Element {
  const children = element.children.flatMap((child): (Element | string)[] => {
    if (typeof child === 'string') return [child];
    const known = withoutStrangers(child, complaints);
    if (ssmlNames.has(child.name)) return [known];
    complainOfChild(child, element, ssmlNames, complaints);
    return /^[A-Z]/.test(child.name) ? [] : [...known.children];
  });
  return { ...element, children };
}

function spokenText(element: Element): string {
  const alias = element.name === 'sub' ? element.attributes.find(({ name }) => name === 'alias') : undefined;
  if (alias) return alias.value;
  const text = element.children
    .map((child) => (typeof child === 'string' ? child : spokenText(child)))
    .join('');
  return wordBoundaries.has(element.name) ? ` ${text} ` : text;
}

function writeSsml(node: Element | string): string {
  if (typeof node === 'string') return escapeText(node);
  const attributes = node.attributes
    .map(({ name, value }) => ` ${name}="${escapeAttribute(value)}"`)
    .join('');
  const body = node.children.map(writeSsml).join('');
  return body === '' ? `<${node.name}${attributes}/>` : `<${node.name}${attributes}>${body}</${node.name}>`;
}

function readPlay(element: Element, complaints: Complaints, loopKind = notifications.playLoop): Play | null {
  const attributes = new Attributes(element, complaints);
  const url = ownText(element);
  const digits = attributes.matching('digits', /^[\d*#a-dw]*$/i, '', notifications.sendDigits);
  const loop = readLoop(attributes, loopKind);
  attributes.finish();
  for (const child of childElements(element)) complainOfChild(child, element, [], complaints);
  if (url === '' && digits === '') {
    complaints.add(
      notifications.playEmpty,
      element.at,
      '<Play> holds neither a URL nor digits; it was skipped.',
    );
    return null;
  }
  return { verb: 'Play', at: element.at, ...(url && { url }), ...(digits && { digits }), loop };
}

function readPause(element: Element, complaints: Complaints): Pause {
  const attributes = new Attributes(element, complaints);
  const lengthSeconds = attributes.seconds('length', 1, notifications.pauseLength);
  attributes.finish();
  return { verb: 'Pause', at: element.at, lengthSeconds };
}

function readLoop(attributes: Attributes, kind: NotificationKind): number {
  return attributes.wholeNumber('loop', { fallback: 1, max: limits.loopMax, kind });
}
