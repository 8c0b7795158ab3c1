import type { Dial, Document, Gather, Play, Record, Say, Verb } from '@parley/rcml';
import { silenceGather, startGather, stepGather, type GatherOutput, type GatherState } from './gather.ts';
import { fromGather, gatheredParams, hasInput } from './gather-output.ts';
import { prefix, stay, type Millis, type Step } from './machine.ts';
import { notify } from './notification.ts';
import { abandonRecord, startRecord, stepRecord, type RecordOutput, type RecordStep } from './record-verb.ts';
import { recordParams } from './recording-order.ts';
import type {
  DocumentRequest,
  ScriptEnd,
  ScriptFault,
  ScriptInput,
  ScriptOutput,
  ScriptPhase,
  ScriptRules,
  ScriptState,
  ScriptStep,
} from './script-state.ts';
import { isRoom } from './visit.ts';

type In<Name extends ScriptPhase['name']> = Extract<ScriptPhase, { name: Name }>;

/** Begins with the first document. */
export function startScript(request: DocumentRequest, rules: ScriptRules, nowMs: Millis): ScriptStep {
  const idle: ScriptState = { ...idleScript(request.base), baseMethod: request.method };
  return fetchDocument(idle, request, rules, nowMs);
}

/** Begins with a document that is already there: inline in a REST request, or the gateway's own. */
export function startScriptWith(
  document: Document,
  base: string,
  rules: ScriptRules,
  nowMs: Millis,
): ScriptStep {
  return nextVerb({ ...idleScript(base), verbs: document.verbs, documents: 1 }, rules, nowMs);
}

/** Asks for a document again that is over; how many came in a row without taking time is still known (D21). */
export function repeatScript(
  state: ScriptState,
  request: DocumentRequest,
  rules: ScriptRules,
  nowMs: Millis,
): ScriptStep {
  return fetchDocument(state, request, rules, nowMs);
}

/** A script that runs nothing. */
export function idleScript(base: string): ScriptState {
  return {
    phase: { name: 'ended', how: { type: 'aborted' } },
    base,
    baseMethod: 'POST',
    verbs: [],
    next: 0,
    verbBeganMs: 0,
    documents: 0,
    serial: 0,
    typedAhead: '',
  };
}

/** Ends the script from outside; what it was playing stops, and so does a recording, which is kept. */
export function abortScript(state: ScriptState): ScriptStep {
  if (state.phase.name === 'ended') return stay(state);
  return { state: { ...state, phase: { name: 'ended', how: { type: 'aborted' } } }, outputs: silence(state) };
}

/** Pure: the same state, input and time always give the same step. */
export function stepScript(
  state: ScriptState,
  input: ScriptInput,
  rules: ScriptRules,
  nowMs: Millis,
): ScriptStep {
  const { phase } = state;
  const wantsKeys = phase.name === 'gathering' || phase.name === 'recording';
  if (input.type === 'digits' && !wantsKeys) return typeAhead(state, input.digits, rules);
  switch (phase.name) {
    case 'fetching':
      return stepFetching(state, phase, input, rules, nowMs);
    case 'playing':
      if (input.type === 'played' && input.playId === phase.playId) return verbOver(state, rules, nowMs);
      if (input.type !== 'clock' || nowMs < phase.deadlineMs) return stay(state);
      return prefix(silence(state), verbOver(state, rules, nowMs));
    case 'pausing':
      if (input.type !== 'clock' || nowMs < phase.deadlineMs) return stay(state);
      return verbOver(state, rules, nowMs);
    case 'gathering':
      return stepGathering(state, phase, input, rules, nowMs);
    case 'recording':
      return stepRecording(state, phase, input, rules, nowMs);
    case 'dialing':
      return input.type === 'dialEnded' ? dialed(state, phase.verb, input.params, rules, nowMs) : stay(state);
    case 'ended':
      return stay(state);
  }
}

function stepFetching(
  state: ScriptState,
  phase: In<'fetching'>,
  input: ScriptInput,
  rules: ScriptRules,
  nowMs: Millis,
): ScriptStep {
  if (input.type === 'documentFetched' && input.fetchId === phase.fetchId) {
    const fetched: ScriptState = {
      ...state,
      base: input.foundAt,
      baseMethod: phase.request.method,
      verbs: input.document.verbs,
      next: 0,
      documents: state.documents + 1,
    };
    return nextVerb(fetched, rules, nowMs);
  }
  if (input.type === 'documentFailed' && input.fetchId === phase.fetchId) {
    return documentFailed(state, phase, input.fault, rules, nowMs);
  }
  if (input.type === 'clock' && nowMs >= phase.deadlineMs) {
    // Whoever fetches complains of its own failures; of this one it does not know yet.
    const late = notify('connectionFailed', 'the document did not arrive in time');
    return prefix(
      [late],
      documentFailed(state, phase, { code: late.code, message: late.message }, rules, nowMs),
    );
  }
  return stay(state);
}

function documentFailed(
  state: ScriptState,
  phase: In<'fetching'>,
  fault: ScriptFault,
  rules: ScriptRules,
  nowMs: Millis,
): ScriptStep {
  const { fallback } = rules;
  if (fallback === undefined || phase.isFallback) return end(state, { type: 'failed', fault });
  const request: DocumentRequest = {
    written: fallback.url,
    base: fallback.base,
    method: fallback.method,
    params: [
      ['ErrorCode', String(fault.code)],
      ['ErrorUrl', fault.url ?? phase.request.written],
    ],
  };
  return fetchDocument(state, request, rules, nowMs, true);
}

function fetchDocument(
  state: ScriptState,
  request: DocumentRequest,
  rules: ScriptRules,
  nowMs: Millis,
  isFallback = false,
): ScriptStep {
  if (state.documents >= rules.limits.documentsInARowMax) {
    const said = notify(
      'redirectsTooMany',
      `${state.documents} documents in a row did nothing that takes time`,
    );
    return prefix([said], end(state, { type: 'failed', fault: { code: said.code, message: said.message } }));
  }
  const fetchId = state.serial + 1;
  const deadlineMs = nowMs + rules.limits.fetchTimeoutMs;
  return {
    state: {
      ...state,
      phase: { name: 'fetching', fetchId, request, isFallback, deadlineMs },
      serial: fetchId,
    },
    outputs: [{ type: 'fetch', fetchId, request }],
  };
}

/** Runs verbs until one takes time or the document is over. */
function nextVerb(before: ScriptState, rules: ScriptRules, nowMs: Millis): ScriptStep {
  const outputs: ScriptOutput[] = [];
  let state = before;
  for (;;) {
    const verb = state.verbs[state.next];
    if (verb === undefined) return prefix(outputs, end(state, { type: 'finished' }));
    state = { ...state, next: state.next + 1, verbBeganMs: nowMs };
    const step = beginVerb(state, verb, rules, nowMs);
    outputs.push(...step.outputs);
    state = step.state;
    if (step.waits) return { state, outputs };
  }
}

interface Begun extends ScriptStep {
  /** The verb takes time, or was the last; otherwise the next one follows at once. */
  readonly waits: boolean;
}

function beginVerb(state: ScriptState, verb: Verb, rules: ScriptRules, nowMs: Millis): Begun {
  if (rules.role === 'waiting' && !WAITING_VERBS.has(verb.verb)) {
    return skip(
      state,
      verb,
      `<${verb.verb}> means nothing in a document for somebody who waits; it was skipped`,
    );
  }
  switch (verb.verb) {
    case 'Pause':
      return waiting(
        { ...state, phase: { name: 'pausing', deadlineMs: nowMs + verb.lengthSeconds * 1000 } },
        [],
      );
    case 'Say':
    case 'Play':
      return beginPlaying(state, verb, rules, nowMs);
    case 'Gather':
      return beginGather(state, verb, rules, nowMs);
    case 'Dial':
      return rules.role === 'screening' ? forbidden(state, verb) : beginDial(state, verb);
    case 'Record':
      return beginRecord(state, verb, rules, nowMs);
    case 'Hangup':
      return then(end(state, { type: 'hangup' }));
    case 'Reject':
      if (rules.answered && rules.role === 'application') {
        return skip(state, verb, '<Reject> has no effect on a call that was answered; it was skipped');
      }
      return then(end(state, { type: 'reject', reason: verb.reason }));
    case 'Redirect': {
      const isSame = verb.url === '';
      const request: DocumentRequest = {
        written: isSame ? state.base : verb.url,
        base: state.base,
        method: isSame ? state.baseMethod : verb.method,
        params: [],
      };
      return then(fetchDocument(state, request, rules, nowMs));
    }
  }
}

const WAITING_VERBS: ReadonlySet<Verb['verb']> = new Set(['Say', 'Play', 'Pause', 'Redirect']);

function beginPlaying(state: ScriptState, prompt: Say | Play, rules: ScriptRules, nowMs: Millis): Begun {
  const playId = state.serial + 1;
  const phase: ScriptPhase = { name: 'playing', playId, deadlineMs: nowMs + rules.limits.playMaxMs };
  return waiting({ ...state, serial: playId, phase }, [
    { type: 'answer' },
    { type: 'play', playId, prompt, base: state.base },
  ]);
}

function beginDial(state: ScriptState, verb: Dial): Begun {
  const dialId = state.serial + 1;
  const dial: ScriptOutput = { type: 'dial', verb, base: state.base, dialId };
  // D14: a conference answers, also one that waits.
  const isAnswered = !verb.answerOnBridge || verb.nouns.some(isRoom);
  return waiting(
    { ...state, serial: dialId, phase: { name: 'dialing', verb } },
    isAnswered ? [{ type: 'answer' }, dial] : [dial],
  );
}

/** The dial is over. Keys that were pressed while it rang, or before, were pressed for nobody. */
function dialed(
  state: ScriptState,
  verb: Dial,
  params: DocumentRequest['params'],
  rules: ScriptRules,
  nowMs: Millis,
): ScriptStep {
  const after: ScriptState = { ...timeTaken(state, rules, nowMs), typedAhead: '' };
  if (verb.action === undefined) return nextVerb(after, rules, nowMs);
  const request: DocumentRequest = { written: verb.action, base: state.base, method: verb.method, params };
  return fetchDocument(after, request, rules, nowMs);
}

function beginGather(state: ScriptState, verb: Gather, rules: ScriptRules, nowMs: Millis): Begun {
  const gather = startGather(verb, state, rules.limits, nowMs);
  // From here on the leg is answered, whatever else this step comes to.
  const answered: ScriptRules = { ...rules, answered: true };
  return then(prefix([{ type: 'answer' }], gathering({ ...state, typedAhead: '' }, gather, answered, nowMs)));
}

function stepGathering(
  state: ScriptState,
  phase: In<'gathering'>,
  input: ScriptInput,
  rules: ScriptRules,
  nowMs: Millis,
): ScriptStep {
  switch (input.type) {
    case 'played':
    case 'digits':
    case 'heard':
    case 'clock':
      return gathering(state, stepGather(phase.gather, input, rules.limits, nowMs), rules, nowMs);
    case 'documentFetched':
    case 'documentFailed':
    case 'dialEnded':
    case 'recordingEnded':
      return stay(state);
  }
}

/** Takes what the gather says. Without any key or word the next verb follows, unless the document wants to hear of that too. */
function gathering(
  state: ScriptState,
  step: Step<GatherState, GatherOutput>,
  rules: ScriptRules,
  nowMs: Millis,
): ScriptStep {
  const gather = step.state;
  const outputs = step.outputs.map((output) => fromGather(output, gather.verb, state.base));
  if (gather.phase.name !== 'over') {
    return { state: { ...state, serial: gather.serial, phase: { name: 'gathering', gather } }, outputs };
  }
  const { verb } = gather;
  const after = timeTaken({ ...state, serial: gather.serial, typedAhead: gather.phase.rest }, rules, nowMs);
  if (!hasInput(gather) && !verb.actionOnEmptyResult) return prefix(outputs, nextVerb(after, rules, nowMs));
  const request: DocumentRequest = {
    written: verb.action ?? state.base,
    base: state.base,
    method: verb.method,
    params: gatheredParams(gather),
  };
  return prefix(outputs, fetchDocument(after, request, rules, nowMs));
}

/** What is to be heard or recorded, with the place where its URLs resolve. */
function located(output: RecordOutput, base: string): ScriptOutput {
  return output.type === 'play' || output.type === 'startRecording' ? { ...output, base } : output;
}

/** Keys that were pressed before it were pressed for nobody. */
function beginRecord(state: ScriptState, verb: Record, rules: ScriptRules, nowMs: Millis): Begun {
  const outputs: ScriptOutput[] = [{ type: 'answer' }];
  if (verb.transcribe || verb.transcribeCallback !== undefined) {
    outputs.push(notify('oddity', 'no speech recogniser is configured; nothing is transcribed', verb.at));
  }
  const record = startRecord(verb, { recording: rules.newRecording(), serial: state.serial }, nowMs);
  const answered: ScriptRules = { ...rules, answered: true };
  return then(prefix(outputs, recording({ ...state, typedAhead: '' }, record, answered, nowMs)));
}

function stepRecording(
  state: ScriptState,
  phase: In<'recording'>,
  input: ScriptInput,
  rules: ScriptRules,
  nowMs: Millis,
): ScriptStep {
  switch (input.type) {
    case 'played':
    case 'digits':
    case 'recordingEnded':
    case 'clock':
      return recording(state, stepRecord(phase.record, input, nowMs), rules, nowMs);
    case 'documentFetched':
    case 'documentFailed':
    case 'dialEnded':
    case 'heard':
      return stay(state);
  }
}

/** Takes what the record says. When nothing was said the next verb follows. */
function recording(state: ScriptState, step: RecordStep, rules: ScriptRules, nowMs: Millis): ScriptStep {
  const record = step.state;
  const outputs = step.outputs.map((output) => located(output, state.base));
  const { phase, verb } = record;
  if (phase.name !== 'over') {
    return { state: { ...state, serial: record.serial, phase: { name: 'recording', record } }, outputs };
  }
  const after = timeTaken(state, rules, nowMs);
  if (phase.end === undefined) return prefix(outputs, nextVerb(after, rules, nowMs));
  const request: DocumentRequest = {
    written: verb.action ?? state.base,
    base: state.base,
    method: verb.method,
    params: recordParams(record.recording, phase.end, phase.key),
  };
  return prefix(outputs, fetchDocument(after, request, rules, nowMs));
}

function typeAhead(state: ScriptState, digits: string, rules: ScriptRules): ScriptStep {
  if (state.phase.name === 'ended') return stay(state);
  const typedAhead = (state.typedAhead + digits.replaceAll('w', '')).slice(0, rules.limits.typedAheadMax);
  return stay({ ...state, typedAhead });
}

function verbOver(state: ScriptState, rules: ScriptRules, nowMs: Millis): ScriptStep {
  return nextVerb(timeTaken(state, rules, nowMs), rules, nowMs);
}

/** A verb that took time breaks a row of documents that did nothing (D21). */
function timeTaken(state: ScriptState, rules: ScriptRules, nowMs: Millis): ScriptState {
  return nowMs - state.verbBeganMs >= rules.limits.takesTimeMs ? { ...state, documents: 0 } : state;
}

function forbidden(state: ScriptState, verb: Dial): Begun {
  const message = '<Dial> is forbidden in a screening document; the leg counts as declined';
  const said = notify('dialForbidden', message, verb.at);
  const fault: ScriptFault = { code: said.code, message, line: verb.at.line, column: verb.at.column };
  return then(prefix([said], end(state, { type: 'failed', fault })));
}

function skip(state: ScriptState, verb: Verb, message: string): Begun {
  return { state, outputs: [notify('oddity', message, verb.at)], waits: false };
}

function silence(state: ScriptState): readonly ScriptOutput[] {
  const { phase } = state;
  switch (phase.name) {
    case 'playing':
      return [{ type: 'stopPlaying', playId: phase.playId }];
    case 'gathering':
      return silenceGather(phase.gather).map((output) => fromGather(output, phase.gather.verb, state.base));
    case 'recording':
      return abandonRecord(phase.record).map((output) => located(output, state.base));
    case 'fetching':
    case 'pausing':
    case 'dialing':
    case 'ended':
      return [];
  }
}

function end(state: ScriptState, how: ScriptEnd): ScriptStep {
  return { state: { ...state, phase: { name: 'ended', how } }, outputs: [] };
}

function waiting(state: ScriptState, outputs: readonly ScriptOutput[]): Begun {
  return { state, outputs, waits: true };
}

function then(step: ScriptStep): Begun {
  return { ...step, waits: true };
}
