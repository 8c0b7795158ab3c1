import { Attributes } from './attributes.ts';
import { notifications } from './codes.ts';
import type { Complaints } from './complaints.ts';
import type { Gather, GatherInput, Hangup, Prompt, Record, Redirect, Reject, Verb } from './document.ts';
import { childElements, complainOfChild, complainOfText, ownText } from './elements.ts';
import { readDial } from './read-dial.ts';
import { promptReaders } from './read-prompts.ts';
import { readRecordingReports } from './read-recording.ts';
import type { Element } from './tree.ts';

/** Null means that there is nothing to do. */
type VerbReader = (element: Element, complaints: Complaints) => Verb | null;

const verbReaders: ReadonlyMap<string, VerbReader> = new Map<string, VerbReader>([
  ['Dial', readDial],
  ...promptReaders,
  ['Gather', readGather],
  ['Record', readRecord],
  ['Hangup', readHangup],
  ['Redirect', readRedirect],
  ['Reject', readReject],
]);

/** Verbs that RCML or TwiML knows and we do not run. */
const unsupported: ReadonlySet<string> = new Set(
  (
    'Sms Fax Email Geolocation Language UssdMessage UssdCollect USSD Hold Resume ' +
    'Enqueue Leave Queue Connect Start Stop Pay Prompt Refer Message'
  ).split(' '),
);

/** Reads the verbs of a document in order. What is no verb is complained of and skipped, with all it holds. */
export function readVerbs(response: Element, complaints: Complaints): readonly Verb[] {
  const verbs: Verb[] = [];
  complainOfText(response, complaints);
  for (const child of childElements(response)) {
    const verb = verbReaders.get(child.name)?.(child, complaints);
    if (verb) verbs.push(verb);
    else if (verb === undefined) complainOfStranger(child, response, complaints);
  }
  return verbs;
}

function complainOfStranger(child: Element, response: Element, complaints: Complaints): void {
  if (!unsupported.has(child.name)) {
    complainOfChild(child, response, verbReaders.keys(), complaints);
    return;
  }
  complaints.add(
    notifications.oddity,
    child.at,
    `<${child.name}> is not supported; it was skipped with all it holds.`,
    `Use ${[...verbReaders.keys()].join(', ')}.`,
  );
}

function readGather(element: Element, complaints: Complaints): Gather {
  const attributes = new Attributes(element, complaints);
  const numDigits = attributes.text('numDigits') === undefined ? 0 : readNumDigits(attributes);
  const startInputKey = attributes.matching(
    'startInputKey',
    /^[\d*#]*$/,
    '',
    notifications.gatherStartInputKey,
  );
  const gather: Gather = {
    verb: 'Gather',
    at: element.at,
    ...attributes.optional('action'),
    method: attributes.method('method', notifications.gatherMethod),
    timeoutSeconds: attributes.seconds('timeout', 5, notifications.gatherTimeout),
    finishOnKey: attributes.matching('finishOnKey', /^[\d*#]{0,12}$/, '#', notifications.gatherFinishOnKey),
    ...(numDigits > 0 && { numDigits }),
    input: attributes.words<GatherInput>('input', ['dtmf', 'speech'], ['dtmf']),
    actionOnEmptyResult: attributes.flag('actionOnEmptyResult', false),
    ...(startInputKey && { startInputKey }),
    language: attributes.text('language') || 'en-US',
    hints: splitHints(attributes.text('hints') ?? ''),
    ...attributes.optional('partialResultCallback'),
    partialResultCallbackMethod: attributes.method('partialResultCallbackMethod'),
    ...readSpeechTimeout(attributes),
    prompts: readNested(element, complaints),
  };
  attributes.finish(['bargeIn', 'profanityFilter', 'maxSpeechTime', 'speechModel', 'enhanced', 'debug']);
  return gather;
}

function readNumDigits(attributes: Attributes): number {
  return attributes.wholeNumber('numDigits', { fallback: 0, min: 1, kind: notifications.gatherNumDigits });
}

function readSpeechTimeout(attributes: Attributes): Pick<Gather, 'speechTimeoutSeconds'> {
  const written = attributes.text('speechTimeout');
  if (written === undefined) return {};
  if (written.toLowerCase() === 'auto') return { speechTimeoutSeconds: 'auto' };
  const seconds = attributes.wholeNumber('speechTimeout', {
    fallback: 0,
    min: 1,
    kind: notifications.oddity,
  });
  return seconds > 0 ? { speechTimeoutSeconds: seconds } : {};
}

function splitHints(hints: string): readonly string[] {
  return hints
    .split(',')
    .map((hint) => hint.trim())
    .filter(Boolean);
}

function readNested(element: Element, complaints: Complaints): readonly Prompt[] {
  const prompts: Prompt[] = [];
  complainOfText(element, complaints);
  for (const child of childElements(element)) {
    const prompt = promptReaders.get(child.name)?.(child, complaints, notifications.gatherSayLoop);
    if (prompt) prompts.push(prompt);
    else if (prompt === undefined) {
      complainOfChild(child, element, promptReaders.keys(), complaints, notifications.gatherNested);
    }
  }
  return prompts;
}

function readRecord(element: Element, complaints: Complaints): Record {
  const attributes = new Attributes(element, complaints);
  const finishOnKey = attributes.matching(
    'finishOnKey',
    /^(?:-1|[\d*#]{0,12})$/,
    '1234567890*#',
    notifications.recordFinishOnKey,
  );
  const record: Record = {
    verb: 'Record',
    at: element.at,
    ...attributes.optional('action'),
    method: attributes.method('method', notifications.recordMethod),
    timeoutSeconds: attributes.seconds('timeout', 5, notifications.recordLength),
    finishOnKey: finishOnKey === '-1' ? '' : finishOnKey,
    maxLengthSeconds: attributes.seconds('maxLength', 3600, notifications.recordLength),
    playBeep: attributes.flag('playBeep', true),
    media: attributes.oneOf('media', ['audio_only', 'video_only', 'audio_video'], notifications.recordLength),
    trim: attributes.oneOf('trim', ['trim-silence', 'do-not-trim']),
    transcribe: attributes.flag('transcribe', false),
    ...attributes.optional('transcribeCallback'),
    ...readRecordingReports(attributes),
  };
  attributes.finish();
  complainOfAll(element, complaints);
  return record;
}

function readHangup(element: Element, complaints: Complaints): Hangup {
  complainOfAll(element, complaints);
  return { verb: 'Hangup', at: element.at };
}

function readRedirect(element: Element, complaints: Complaints): Redirect {
  const attributes = new Attributes(element, complaints);
  const method = attributes.method('method', notifications.redirectMethod);
  attributes.finish();
  for (const child of childElements(element)) complainOfChild(child, element, [], complaints);
  return { verb: 'Redirect', at: element.at, url: ownText(element), method };
}

function readReject(element: Element, complaints: Complaints): Reject {
  const attributes = new Attributes(element, complaints);
  const reason = attributes.oneOf('reason', ['rejected', 'busy'], notifications.rejectReason);
  attributes.finish();
  complainOfAll(element, complaints);
  return { verb: 'Reject', at: element.at, reason };
}

function complainOfAll(element: Element, complaints: Complaints): void {
  complainOfText(element, complaints);
  for (const child of childElements(element)) complainOfChild(child, element, [], complaints);
}
