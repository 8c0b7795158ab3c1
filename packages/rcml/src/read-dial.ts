import { Attributes } from './attributes.ts';
import { notifications } from './codes.ts';
import type { Complaints } from './complaints.ts';
import type { Dial, DialRecording, Noun } from './document.ts';
import { childElements, complainOfChild, complainOfText, ownText } from './elements.ts';
import { limits } from './limits.ts';
import { nounReaders, readClient, readNumber, readSip } from './read-nouns.ts';
import { readRecordingReports } from './read-recording.ts';
import type { Element } from './tree.ts';

const recordings = [
  'do-not-record',
  'record-from-answer',
  'record-from-ringing',
  'record-from-answer-dual',
  'record-from-ringing-dual',
] as const;

/** Reads a `<Dial>` with everybody it may reach. */
export function readDial(element: Element, complaints: Complaints): Dial {
  const attributes = new Attributes(element, complaints);
  const dial: Dial = {
    verb: 'Dial',
    at: element.at,
    ...attributes.optional('action'),
    method: attributes.method('method', notifications.dialMethod),
    timeoutSeconds: attributes.seconds('timeout', 30, notifications.dialTimeout),
    timeLimitSeconds: attributes.seconds('timeLimit', 14_400, notifications.dialTimeLimit),
    ...attributes.optional('callerId'),
    hangupOnStar: attributes.flag('hangupOnStar', false, notifications.dialHangupOnStar),
    record: readRecord(attributes),
    trim: attributes.oneOf('trim', ['do-not-trim', 'trim-silence']),
    ...readRecordingReports(attributes),
    ...attributes.optional('ringTone'),
    ...attributes.optional('dialMusic'),
    sequential: attributes.flag('sequential', false),
    answerOnBridge: attributes.flag('answerOnBridge', true),
    nouns: readNouns(element, complaints),
  };
  attributes.finish(['recordingTrack', 'referUrl', 'referMethod', 'events']);
  return dial;
}

function readRecord(attributes: Attributes): DialRecording {
  const record = attributes.oneOf('record', [...recordings, 'true', 'false']);
  if (record === 'true') return 'record-from-answer';
  return record === 'false' ? 'do-not-record' : record;
}

function readNouns(element: Element, complaints: Complaints): readonly Noun[] {
  const nouns: Noun[] = [];
  for (const child of childElements(element)) {
    const read = nounReaders.get(child.name);
    if (read) nouns.push(read(child, complaints));
    else complainOfChild(child, element, nounReaders.keys(), complaints, notifications.dialNested);
  }
  if (nouns.length > 0) {
    complainOfText(element, complaints);
    return refuseCrowd(refuseBesideConference(nouns, complaints), complaints);
  }
  const text = ownText(element);
  return text === '' ? [] : [readBareTarget(element, text, complaints)];
}

/** `<Dial>+1 555…</Dial>`: what stands there alone is a number, unless it looks like something else. */
function readBareTarget(element: Element, text: string, complaints: Complaints): Noun {
  // The attributes of the dial are not those of the noun, although both have a url and a method.
  const noun = (name: string): Element => ({ ...element, name, attributes: [], children: [text] });
  if (/^client:/i.test(text)) return readClient(noun('Client'), complaints);
  if (text.includes('@')) return readSip(noun('Sip'), complaints);
  return readNumber(noun('Number'), complaints);
}

/** One room at a time, and nobody rings beside it: the first conference stands, the rest is refused. */
function refuseBesideConference(nouns: readonly Noun[], complaints: Complaints): readonly Noun[] {
  const conference = nouns.find((noun) => noun.noun === 'Conference' && !noun.refused);
  if (!conference) return nouns;
  return nouns.map((noun) => {
    if (noun === conference || noun.refused) return noun;
    const message = `<${noun.noun}> cannot be dialled beside a <Conference>.`;
    complaints.add(notifications.dialNested, noun.at, message);
    return { ...noun, refused: { code: notifications.dialNested.code, message } };
  });
}

function refuseCrowd(nouns: readonly Noun[], complaints: Complaints): readonly Noun[] {
  let legs = 0;
  return nouns.map((noun) => {
    if (noun.noun === 'Conference' || ++legs <= limits.nounsPerDialMax) return noun;
    const message = `<${noun.noun}> is number ${legs} of at most ${limits.nounsPerDialMax}.`;
    complaints.add(notifications.nounsTooMany, noun.at, message);
    return { ...noun, refused: { code: notifications.nounsTooMany.code, message } };
  });
}
