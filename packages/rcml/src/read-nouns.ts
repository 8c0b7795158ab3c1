import { Attributes } from './attributes.ts';
import { notifications, type NotificationKind } from './codes.ts';
import type { Complaints } from './complaints.ts';
import type {
  Client,
  Conference,
  LegNoun,
  Noun,
  Number,
  Refusal,
  Sip,
  VideoAttributes,
  WithVideo,
} from './document.ts';
import { childElements, complainOfChild, complainOfText, ownText } from './elements.ts';
import { limits } from './limits.ts';
import { areCarriable, splitTarget } from './parameters.ts';
import { readRecordingReports } from './read-recording.ts';
import type { Element } from './tree.ts';

const legEvents = ['initiated', 'ringing', 'answered', 'completed'] as const;
const conferenceEvents = ['start', 'end', 'join', 'leave', 'mute', 'hold', 'modify', 'speaker'] as const;

/** What a noun makes of its target, before anything else about it is known. */
interface Target {
  readonly target: string | null;
  readonly parameters: ReadonlyMap<string, string>;
  readonly refused?: Refusal;
}

type NounReader = (element: Element, complaints: Complaints) => Noun;

/** The names `<Dial>` may hold, and how each is read. `<Uri>` is the old name of `<Sip>`. */
export const nounReaders: ReadonlyMap<string, NounReader> = new Map<string, NounReader>([
  ['Client', readClient],
  ['Number', readNumber],
  ['Sip', readSip],
  ['Uri', readSip],
  ['Conference', readConference],
]);

/** Reads a `<Client>`: somebody registered by name. */
export function readClient(element: Element, complaints: Complaints): Client {
  const attributes = new Attributes(element, complaints);
  const identity = childElements(element).find((child) => child.name === 'Identity');
  const body = ownText(element) || (identity ? ownText(identity) : '');
  const written = writtenTarget(element, attributes, body);
  const noun: Client = {
    noun: 'Client',
    ...readLeg(element, attributes, readTarget(element, written.replace(/^client:\s*/i, ''), complaints)),
    ...readVideo(element, complaints),
  };
  attributes.finish(['clientNotificationUrl']);
  complainOfOthers(element, ['Video', 'Identity', 'Parameter'], complaints);
  return noun;
}

/** Reads a `<Number>`: punctuation is for people, and dropped. */
export function readNumber(element: Element, complaints: Complaints): Number {
  const attributes = new Attributes(element, complaints);
  const { name, parameters } = splitTarget(ownText(element));
  const target = name.replace(/[^+\d*#]/g, '');
  const sendDigits = attributes.matching('sendDigits', /^[\d*#a-dw]*$/i, '', notifications.sendDigits);
  const noun: Number = {
    noun: 'Number',
    ...readLeg(element, attributes, checkTarget(element, { target, parameters }, complaints)),
    ...(sendDigits && { sendDigits }),
  };
  attributes.finish(['byoc', 'machineDetection', 'amdStatusCallback']);
  complainOfOthers(element, ['Parameter'], complaints);
  return noun;
}

/** Reads a `<Sip>`: a SIP address. */
export function readSip(element: Element, complaints: Complaints): Sip {
  const attributes = new Attributes(element, complaints);
  const written = writtenTarget(element, attributes, ownText(element));
  const noun: Sip = {
    noun: 'Sip',
    ...readLeg(element, attributes, readTarget(element, written, complaints)),
    ...readVideo(element, complaints),
    ...attributes.optional('username'),
    ...attributes.optional('password'),
  };
  attributes.finish();
  complainOfOthers(element, ['Video', 'Parameter'], complaints);
  return noun;
}

/** Reads a `<Conference>`: a room of many. */
function readConference(element: Element, complaints: Complaints): Conference {
  const attributes = new Attributes(element, complaints);
  const target = writtenTarget(element, attributes, ownText(element)) || null;
  const waitUrl = attributes.text('waitUrl');
  const beep = attributes.oneOf('beep', ['true', 'false', 'onEnter', 'onExit'], notifications.conferenceBeep);
  const noun: Conference = {
    noun: 'Conference',
    at: element.at,
    target,
    ...(target === null && refusal(notifications.conferenceName, element, complaints)),
    muted: attributes.flag('muted', false, notifications.conferenceMuted),
    beep: beep === 'onEnter' || beep === 'onExit' ? beep : beep === 'true',
    startConferenceOnEnter: attributes.flag('startConferenceOnEnter', true, notifications.conferenceStart),
    endConferenceOnExit: attributes.flag('endConferenceOnExit', false, notifications.conferenceEnd),
    maxParticipants: attributes.wholeNumber('maxParticipants', {
      fallback: limits.participantsMax,
      min: 1,
      max: limits.participantsMax,
      kind: notifications.oddity,
    }),
    // An empty waitUrl asks for silence, so it is not the same as none.
    ...(waitUrl !== undefined && { waitUrl }),
    waitMethod: attributes.method('waitMethod', notifications.conferenceWaitMethod),
    record: attributes.oneOf('record', ['do-not-record', 'record-from-start']),
    trim: attributes.oneOf('trim', ['trim-silence', 'do-not-trim']),
    ...attributes.optional('statusCallback'),
    statusCallbackMethod: attributes.method('statusCallbackMethod'),
    statusCallbackEvents: attributes.words('statusCallbackEvent', conferenceEvents, ['start', 'end']),
    ...readRecordingReports(attributes),
    ...readVideo(element, complaints),
  };
  attributes.finish(['coach', 'participantLabel', 'region', 'jitterBufferSize', 'eventCallbackUrl']);
  complainOfOthers(element, ['Video'], complaints);
  return noun;
}

/** D10: `name` where it is given and (a `<Video>` child exists or the body is blank); otherwise the body. */
function writtenTarget(element: Element, attributes: Attributes, body: string): string {
  const name = attributes.text('name') ?? '';
  const hasVideo = childElements(element).some((child) => child.name === 'Video');
  return name !== '' && (hasVideo || body === '') ? name : body;
}

function readTarget(element: Element, written: string, complaints: Complaints): Target {
  const { name, parameters } = splitTarget(written);
  return checkTarget(element, { target: name, parameters }, complaints);
}

function checkTarget(
  element: Element,
  { target, parameters }: { target: string; parameters: ReadonlyMap<string, string> },
  complaints: Complaints,
): Target {
  const all = new Map(parameters);
  for (const child of childElements(element)) {
    if (child.name !== 'Parameter') continue;
    const attributes = new Attributes(child, complaints);
    const name = attributes.text('name');
    const value = attributes.text('value') ?? '';
    attributes.finish();
    if (name) all.set(name, value);
    else
      complaints.add(
        notifications.oddity,
        child.at,
        'A <Parameter> has no name.',
        'Write name="…" value="…".',
      );
  }
  if (target === '') {
    return { target: null, parameters: all, ...refusal(notifications.targetMissing, element, complaints) };
  }
  if (areCarriable(all)) return { target, parameters: all };
  return { target, parameters: new Map(), ...refusal(notifications.parametersTooLarge, element, complaints) };
}

function refusal(
  kind: NotificationKind,
  element: Element,
  complaints: Complaints,
): { readonly refused: Refusal } {
  const message =
    kind === notifications.parametersTooLarge ? kind.description : `<${element.name}> names nobody to call.`;
  complaints.add(kind, element.at, message);
  return { refused: { code: kind.code, message } };
}

function readLeg(element: Element, attributes: Attributes, target: Target): LegNoun {
  return {
    at: element.at,
    ...target,
    ...attributes.optional('url'),
    method: attributes.method('method', notifications.nounMethod),
    screeningTimeoutSeconds: attributes.seconds('timeout', 60, notifications.oddity),
    ...attributes.optional('statusCallback'),
    statusCallbackMethod: attributes.method('statusCallbackMethod'),
    statusCallbackEvents: attributes.words('statusCallbackEvent', legEvents, ['completed']),
  };
}

function readVideo(element: Element, complaints: Complaints): WithVideo {
  const child = childElements(element).find(({ name }) => name === 'Video');
  if (!child) return { video: false };
  const attributes = new Attributes(child, complaints);
  const video = attributes.flag('enable', true);
  const videoAttributes: VideoAttributes = {
    mode: attributes.oneOf('mode', ['mcu', 'sfu'], notifications.videoMode),
    resolution: attributes.oneOf(
      'resolution',
      ['720p', 'QCIF', 'CIF', '4CIF', '16CIF', 'VGA'],
      notifications.videoResolution,
    ),
    layout: attributes.oneOf('layout', ['tile', 'linear'], notifications.videoLayout),
    overlay: attributes.text('overlay') ?? '',
  };
  attributes.finish();
  complainOfText(child, complaints);
  return { video, videoAttributes };
}

function complainOfOthers(element: Element, known: readonly string[], complaints: Complaints): void {
  for (const child of childElements(element)) {
    if (!known.includes(child.name)) complainOfChild(child, element, known, complaints);
  }
}
