import type { Dial, Document, Gather, LegEvent, Noun, Prompt, Verb } from '@parley/rcml';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callDeadlineMs, ringingFor } from './call-state.ts';
import type { Hearing } from './gather.ts';
import { partiesOf } from './leg-state.ts';
import type { PartyId } from './media-plane.ts';
import type { Place } from './meeting.ts';
import type { RecordingTerms } from './recording-order.ts';
import { CALLER, NEVER, Scene, sidOf, type Answer } from './scene.test.kit.ts';

/** Said in a failing run; paste it here to see the same run again. */
const SEED = 20_261_121;
const RUNS = 600;

const at = { line: 1, column: 1 };
const NAMES = ['alice', 'bob', 'carol', 'nobody'];
const REGISTERED = { alice: ['phone', 'laptop'], bob: [''], carol: ['a', 'b', 'c'] };
const URLS = ['/one', '/two', '/three', '/gone', '/slow'];
const EVENTS: readonly LegEvent[] = ['initiated', 'ringing', 'answered', 'completed'];

const url = fc.constantFrom(...URLS);
const seconds = fc.constantFrom(1, 5, 30, 60);
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });

/** Drops what is undefined: a document has no such fields. */
function defined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

const noun: fc.Arbitrary<Noun> = fc
  .record({
    kind: fc.constantFrom('Client', 'Client', 'Client', 'Client', 'Number', 'refused'),
    target: fc.constantFrom(...NAMES),
    url: fc.option(url, { nil: undefined, freq: 2 }),
    screeningTimeoutSeconds: seconds,
    statusCallback: optional(fc.constant('/events')),
    events: fc.subarray([...EVENTS], { minLength: 1 }),
    video: fc.boolean(),
  })
  .map(({ kind, events: statusCallbackEvents, target, url: screening, statusCallback, ...rest }): Noun => {
    const common = {
      ...rest,
      ...defined({ url: screening, statusCallback }),
      at,
      target,
      parameters: new Map<string, string>(),
      method: 'POST',
      statusCallbackMethod: 'POST',
      statusCallbackEvents,
    } as const;
    if (kind === 'Number') return { ...common, noun: 'Number' };
    const client = { ...common, noun: 'Client' } as const;
    return kind === 'refused' ? { ...client, target: null, refused: { code: 13223, message: 'no' } } : client;
  });

/** A conference stands alone: beside it the parser refuses everything. */
const conference: fc.Arbitrary<readonly Noun[]> = fc
  .record({ muted: fc.boolean(), refused: fc.array(noun, { maxLength: 2 }) })
  .map(({ muted, refused }) => [
    { noun: 'Conference', at, target: 'room', muted, video: false } as unknown as Noun,
    ...refused.map((each) => ({ ...each, target: null, refused: { code: 13215, message: 'no' } })),
  ]);

const dial: fc.Arbitrary<Dial> = fc
  .record({
    action: optional(url),
    timeoutSeconds: seconds,
    timeLimitSeconds: seconds,
    callerId: optional(fc.constant('support')),
    ringTone: optional(fc.constant('uk')),
    hangupOnStar: fc.boolean(),
    sequential: fc.boolean(),
    answerOnBridge: fc.boolean(),
    record: fc.constantFrom('do-not-record', 'record-from-answer-dual', 'record-from-ringing'),
    nouns: fc.oneof(
      { weight: 8, arbitrary: fc.array(noun, { maxLength: 12, size: 'max' }) },
      { weight: 1, arbitrary: conference },
    ),
  })
  .map(
    ({ action, callerId, ringTone, ...rest }) =>
      ({
        verb: 'Dial',
        at,
        method: 'POST',
        ...rest,
        ...defined({ action, callerId, ringTone }),
      }) as unknown as Dial,
  );

const say = fc.constant({ verb: 'Say', at, text: 'Hello', voice: 'woman', language: 'en', loop: 1 } as const);
const pause = seconds.map((lengthSeconds) => ({ verb: 'Pause', at, lengthSeconds }) as const);

const gather: fc.Arbitrary<Gather> = fc
  .record({
    action: optional(url),
    timeoutSeconds: seconds,
    finishOnKey: fc.constantFrom('#', '', '*'),
    numDigits: optional(fc.constantFrom(1, 3)),
    input: fc.constantFrom(['dtmf'] as const, ['speech'] as const, ['dtmf', 'speech'] as const),
    partialResultCallback: optional(url),
    startInputKey: optional(fc.constant('1*')),
    actionOnEmptyResult: fc.boolean(),
    prompts: fc.array(fc.oneof<fc.Arbitrary<Prompt>[]>(say, pause), { maxLength: 3 }),
  })
  .map(
    (fields) =>
      ({
        verb: 'Gather',
        at,
        method: 'POST',
        language: 'en',
        hints: [],
        ...defined(fields),
      }) as unknown as Gather,
  );

const record: fc.Arbitrary<Verb> = fc
  .record({
    action: optional(url),
    timeoutSeconds: seconds,
    maxLengthSeconds: seconds,
    finishOnKey: fc.constantFrom('#', '', '1*'),
    playBeep: fc.boolean(),
    media: fc.constantFrom('audio_only', 'audio_video'),
    transcribe: fc.boolean(),
  })
  .map((fields) => ({ verb: 'Record', at, method: 'POST', ...defined(fields) }) as unknown as Verb);

const verb: fc.Arbitrary<Verb> = fc.oneof(
  { weight: 6, arbitrary: dial },
  { weight: 2, arbitrary: gather },
  { weight: 2, arbitrary: say },
  { weight: 2, arbitrary: pause },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(...URLS, '')
      .map((target) => ({ verb: 'Redirect', at, url: target, method: 'POST' }) as const),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('busy', 'rejected').map((reason) => ({ verb: 'Reject', at, reason }) as const),
  },
  { weight: 1, arbitrary: fc.constant({ verb: 'Hangup', at } as const) },
  { weight: 2, arbitrary: record },
);

const document: fc.Arbitrary<Document> = fc
  .array(verb, { maxLength: 4, size: 'max' })
  .map((verbs) => ({ verbs }));
/** Most calls begin by ringing somebody. */
const voice = fc.tuple(dial, document).map(([first, { verbs }]): Document => ({ verbs: [first, ...verbs] }));

/** One thing that happens: by whom among those who take part now, and what. */
const happening = fc.record({
  what: fc.constantFrom(
    'alerting',
    'alerting',
    'accept',
    'accept',
    'accept',
    'reject',
    'busy',
    'rejectEverywhere',
    'hangup',
    'deviceGone',
    'deviceAway',
    'deviceBack',
    'mediaFailed',
    'digits',
    'heard',
    'says',
    'appears',
    'found late',
    'declined unseen',
    'late answer',
    'shown out',
    'recorded',
    'recorded',
    'record',
    'handed over',
    'handed over',
    'hands over',
    'hands over',
    'brought together',
    'transfer over',
    'caller hangs up',
    'caller gone',
    'caller digits',
    'terminate',
    'wait',
    'wait',
    'wait',
  ),
  who: fc.nat(20),
  ms: fc.constantFrom(0, 1, 99, 1000, 4999, 5000, 30_000, 60_000),
  keys: fc.constantFrom('1', '#', '*', '12w3#', '9'),
});
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

const TERMS: RecordingTerms = {
  source: 'StartCallRecordingAPI',
  channels: 2,
  trim: false,
  track: 'both',
  base: '',
  reports: { recordingStatusCallbackMethod: 'POST', recordingStatusCallbackEvents: ['completed'] },
};
const HEARINGS: readonly Hearing[] = [
  { what: 'began' },
  { what: 'began' },
  { what: 'partial', text: 'a' },
  { what: 'understood', text: 'a bill' },
  { what: 'understood', text: '' },
  { what: 'failed' },
];

/** Who may be spoken for: those who take part, one who does not, and one who did. */
function someone(scene: Scene, who: number): string {
  const present = scene.state.dial?.legs.flatMap((leg) => partiesOf(leg).map(({ party }) => party)) ?? [];
  const everybody: readonly string[] = [
    ...present,
    ...present,
    ...present,
    'stranger',
    ...scene.invited.slice(0, 1),
  ];
  return everybody[who % everybody.length] ?? 'stranger';
}

/** Somebody to whom the call is handed over, registered or not. */
function ring(who: number): Place {
  const to: Noun = {
    noun: 'Client',
    at,
    target: NAMES[who % NAMES.length] ?? '',
    parameters: new Map(),
    video: false,
    method: 'POST',
    screeningTimeoutSeconds: 60,
    statusCallbackMethod: 'POST',
    statusCallbackEvents: ['completed'],
  };
  return { type: 'ring', transferId: 't', noun: to };
}

function happen(scene: Scene, { what, who, ms, keys }: Happening): void {
  const party = someone(scene, who);
  switch (what) {
    case 'alerting':
    case 'accept':
    case 'hangup':
    case 'deviceGone':
      return scene.device(party, { type: what });
    case 'deviceBack':
      return scene.device(party, { type: what });
    case 'deviceAway':
      return scene.device(party, { type: what, how: ms % 2 === 0 ? 'lost' : 'suspended' });
    case 'mediaFailed':
      return scene.device(party, { type: 'mediaFailed', why: 'none' });
    case 'reject':
      return scene.reject(party);
    case 'busy':
      return scene.reject(party, { why: 'busy' });
    case 'rejectEverywhere':
      return scene.reject(party, { everywhere: true });
    case 'digits':
      return scene.press(keys, party);
    case 'caller digits':
      return scene.press(keys);
    case 'heard':
      return scene.heard();
    case 'says':
      return scene.says(HEARINGS[who % HEARINGS.length] ?? { what: 'failed' });
    case 'appears': {
      const [leg = sidOf(1 + (who % 3))] = ringingFor(scene.state, NAMES[who % NAMES.length] ?? '');
      return scene.appears(leg, `late/${scene.outputs.length}`);
    }
    case 'found late': {
      const contacts = [{ party: `found/${scene.outputs.length}` as PartyId, person: { identity: 'late' } }];
      return scene.feed({ type: 'devicesFound', leg: sidOf(1 + (who % 3)), contacts });
    }
    case 'declined unseen':
      return scene.feed({
        type: 'devicesFound',
        leg: sidOf(1 + (who % 3)),
        contacts: [],
        hasDeclined: true,
      });
    case 'late answer':
      return scene.feed({
        type: 'documentFailed',
        leg: sidOf(who % 3),
        fetchId: who,
        fault: { code: 11200, message: '' },
      });
    case 'shown out': {
      const phase = scene.state.dial?.phase;
      const visitId = phase?.name === 'visiting' && who > 3 ? phase.visitId : who;
      const why = (['ended', 'full', 'removed', 'failed'] as const)[who % 4] ?? 'ended';
      return scene.feed({ type: 'conferenceLeft', visitId, why });
    }
    case 'recorded': {
      const begun = scene.of('startRecording');
      const one = begun[who % Math.max(1, begun.length)];
      if (one === undefined) return undefined;
      return scene.recorded(one.recording, { isSilent: ms > 1000, durationMs: ms });
    }
    case 'record':
      return scene.feed({
        type: 'record',
        leg: sidOf(who % 3),
        recording: { sid: `RE-rest-${scene.outputs.length}-${who}`, url: 'https://parley.example' },
        terms: TERMS,
      });
    case 'handed over':
      return scene.feed({ type: 'reseat', caller: ring(who), contact: { type: 'meet', transferId: 't' } });
    case 'hands over':
      return scene.feed({ type: 'reseat', caller: { type: 'meet', transferId: 't' }, contact: ring(who) });
    case 'brought together': {
      const [one, other] = [{ type: 'leave' }, { type: 'meet', transferId: 't' }] as const;
      // As the one who was called, rarely as the caller: her call is over then.
      return who < 3
        ? scene.feed({ type: 'reseat', caller: one, contact: other })
        : scene.feed({ type: 'reseat', caller: other, contact: who % 2 === 0 ? one : null });
    }
    case 'transfer over': {
      const how = who === 0 ? 'transferred' : 'left';
      return scene.feed({ type: 'transferOver', transferId: who > 15 ? 'another' : 't', how });
    }
    case 'caller hangs up':
      // Rarely, or no call would ever be long.
      return who === 0 ? scene.hangup() : undefined;
    case 'caller gone':
      return who === 0 ? scene.gone(CALLER) : undefined;
    case 'terminate':
      return who === 0 ? scene.terminate('draining') : undefined;
    case 'wait':
      return scene.pass(ms);
  }
}

const story = fc.record({
  voice: fc.oneof({ weight: 3, arbitrary: voice }, { weight: 1, arbitrary: document }),
  answers: fc.tuple(document, document, document),
  happenings: fc.array(happening, { maxLength: 60, size: 'max' }),
});
type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;

function begin({ voice, answers: [one, two, three] }: Story): Scene {
  const answers: Readonly<Record<string, Answer>> = {
    '/one': one,
    '/two': two,
    '/three': three,
    '/slow': NEVER,
  };
  return new Scene(voice, { answers, registered: REGISTERED, fallback: '/three', callMaxMs: 3_600_000 });
}

describe('whatever happens', () => {
  // The ledger of every scene checks each of these rules after each step, and throws.
  it('[CA2] [CA3] [CA4] [CA5] [CA6] [CL8] [CL9] [D18] [MC40] everybody is let go once, every leg ends once, and the clock ends it', () => {
    let joined = 0;
    let longest = 0;
    fc.assert(
      fc.property(story, (told) => {
        const scene = begin(told);
        for (const each of told.happenings) happen(scene, each);
        joined += scene.joins.length;
        longest = Math.max(longest, scene.outputs.length);
        // From here on the clock alone: nobody does anything any more, and it is over within its limit.
        scene.pass(3_600_000);
        expect(scene.isOver).toBe(true);
        expect(callDeadlineMs(scene.state)).toBeUndefined();
        expect(scene.of('callEnded')).toHaveLength(1);
        expect(scene.outputs.at(-1)?.output.type).toBe('callEnded');
      }),
      { seed: SEED, numRuns: RUNS },
    );
    // A generator that never joins anybody would prove nothing.
    expect(joined).toBeGreaterThan(RUNS / 5);
    expect(longest).toBeGreaterThan(100);
    // Ten seconds of work for one core; a machine that does other things meanwhile needs its time.
  }, 90_000);

  it('[CA3] a call in which nobody does anything is ended by the clock', () => {
    fc.assert(
      fc.property(story, (told) => {
        const scene = begin(told);
        scene.pass(3_600_000);
        expect(scene.isOver).toBe(true);
      }),
      { seed: SEED, numRuns: 100 },
    );
  });

  it('[CA7] the same story told twice is the same call', () => {
    fc.assert(
      fc.property(story, (told) => {
        const [first, second] = [begin(told), begin(told)];
        for (const each of told.happenings) {
          happen(first, each);
          happen(second, each);
        }
        expect(second.outputs).toEqual(first.outputs);
      }),
      { seed: SEED, numRuns: 100 },
    );
  });
});
