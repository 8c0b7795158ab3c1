import type { Dial, Document, Gather, HttpMethod, Play, Position, Prompt, Reject, Say, Verb } from '@parley/rcml';
import type { Millis, Step } from './machine.ts';

/**
 * A script runs documents on one leg, verb after verb.
 *
 *             fetched                 Say Play · Gather · Pause · Dial
 *   fetching ─────────► (next verb) ─────────────────────────────────► playing · gathering · pausing · dialing
 *      ▲  │                  ▲   │                                            │
 *      │  │ failed           └───┼── played · timed out · dial over ──────────┤
 *      │  └─► fallback, once     │                                            │
 *      └─────────────────────────┼── Redirect · action ───────────────────────┘
 *                                └─► ended: finished · hangup · reject · failed · forbidden verb
 *
 * The caller's application runs on her leg; a screening document runs on a callee's (CL4), where `<Dial>` is
 * forbidden. The script knows no leg and no media: it says what is to be heard and is told when that is over. Every
 * state but the last has a deadline.
 */
export interface ScriptState {
  readonly phase: ScriptPhase;
  /** Where the current document was found; relative URLs resolve there (D20). */
  readonly base: string;
  readonly baseMethod: HttpMethod;
  readonly verbs: readonly Verb[];
  /** Index of the verb that comes after the current one. */
  readonly next: number;
  /** Documents since the last verb that took time (D21). */
  readonly documents: number;
  /** Numbers fetches and plays, so that a late answer to an abandoned one is known. */
  readonly serial: number;
  /** Keys pressed before anybody asked. */
  readonly typedAhead: string;
}

export type ScriptPhase =
  | {
      readonly name: 'fetching';
      readonly fetchId: number;
      readonly request: DocumentRequest;
      readonly isFallback: boolean;
      readonly deadlineMs: Millis;
    }
  | { readonly name: 'playing'; readonly playId: number; readonly deadlineMs: Millis }
  | { readonly name: 'pausing'; readonly deadlineMs: Millis }
  | {
      readonly name: 'gathering';
      readonly verb: Gather;
      readonly digits: string;
      /** The prompt being played, or null when all are over or were interrupted. */
      readonly prompt: { readonly index: number; readonly playId: number } | null;
      readonly deadlineMs: Millis;
    }
  | { readonly name: 'dialing'; readonly verb: Dial; readonly deadlineMs: Millis }
  | { readonly name: 'ended'; readonly how: ScriptEnd };

export type ScriptEnd =
  | { readonly type: 'finished' }
  | { readonly type: 'hangup' }
  | { readonly type: 'reject'; readonly reason: Reject['reason'] }
  /** The document could not be had, or went on for ever. */
  | { readonly type: 'failed'; readonly fault: ScriptFault }
  /** The one who ran it ended it. */
  | { readonly type: 'aborted' };

export interface ScriptFault {
  readonly code: number;
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
}

/** A document to be asked for. `written` is the URL as the document before has it; the shell resolves it. */
export interface DocumentRequest {
  readonly written: string;
  readonly base: string;
  readonly method: HttpMethod;
  /** What goes with it beside the parameters of every voice request. */
  readonly params: readonly (readonly [string, string])[];
}

export interface ScriptRules {
  /** The caller's application, or a document on a callee's leg before she is joined. */
  readonly role: 'application' | 'screening';
  /** Whether the leg counts as answered; `<Reject>` has no effect then (D14). */
  readonly answered: boolean;
  /** Asked once when any document fails; screening documents have none (D19). */
  readonly fallback?: { readonly url: string; readonly method: HttpMethod };
  readonly limits: ScriptLimits;
}

export interface ScriptLimits {
  /** How long the shell may take for a document, retries and redirects included. */
  readonly fetchTimeoutMs: number;
  /** How long anything may be played, also `loop="0"`. */
  readonly playMaxMs: number;
  readonly documentsInARowMax: number;
  readonly typedAheadMax: number;
}

export const SCRIPT_LIMITS: ScriptLimits = {
  fetchTimeoutMs: 20_000,
  playMaxMs: 4 * 3_600_000,
  documentsInARowMax: 25,
  typedAheadMax: 64,
};

export type ScriptInput =
  | { readonly type: 'documentFetched'; readonly fetchId: number; readonly document: Document; readonly foundAt: string }
  | { readonly type: 'documentFailed'; readonly fetchId: number; readonly fault: ScriptFault }
  | { readonly type: 'played'; readonly playId: number }
  | { readonly type: 'digits'; readonly digits: string }
  | { readonly type: 'dialEnded'; readonly params: readonly (readonly [string, string])[] }
  | { readonly type: 'clock' };

export type ScriptOutput =
  | { readonly type: 'fetch'; readonly fetchId: number; readonly request: DocumentRequest }
  /** The call counts as answered from now on (D14). */
  | { readonly type: 'answer' }
  | { readonly type: 'play'; readonly playId: number; readonly prompt: Say | Play; readonly base: string }
  | { readonly type: 'stopPlaying'; readonly playId: number }
  | { readonly type: 'dial'; readonly verb: Dial; readonly base: string }
  | {
      readonly type: 'notify';
      readonly code: number;
      readonly severity: 'error' | 'warning';
      readonly message: string;
      readonly at?: Position;
    };

type ScriptStep = Step<ScriptState, ScriptOutput>;

/** Begins with the first document. */
export function startScript(request: DocumentRequest, rules: ScriptRules, nowMs: Millis): ScriptStep {
  const idle: ScriptState = {
    phase: { name: 'ended', how: { type: 'aborted' } },
    base: request.base,
    baseMethod: request.method,
    verbs: [],
    next: 0,
    documents: 0,
    serial: 0,
    typedAhead: '',
  };
  return fetchDocument(idle, request, rules, nowMs);
}

/** Begins with a document that is already there: inline in a REST request, or the gateway's own. */
export function startScriptWith(document: Document, base: string, rules: ScriptRules, nowMs: Millis): ScriptStep {
  const idle: ScriptState = {
    phase: { name: 'ended', how: { type: 'aborted' } },
    base,
    baseMethod: 'POST',
    verbs: document.verbs,
    next: 0,
    documents: 1,
    serial: 0,
    typedAhead: '',
  };
  return nextVerb(idle, rules, nowMs);
}

/** When the script next wants to hear of the clock; undefined once it is over. */
export function scriptDeadlineMs(state: ScriptState): Millis | undefined {
  return state.phase.name === 'ended' ? undefined : state.phase.deadlineMs;
}

/** Ends the script from outside; what it was playing stops. */
export function abortScript(state: ScriptState): ScriptStep {
  if (state.phase.name === 'ended') return { state, outputs: [] };
  return { state: { ...state, phase: { name: 'ended', how: { type: 'aborted' } } }, outputs: silence(state) };
}

/** Pure: the same state, input and time always give the same step. */
export function stepScript(state: ScriptState, input: ScriptInput, rules: ScriptRules, nowMs: Millis): ScriptStep {
  if (input.type === 'digits' && state.phase.name !== 'gathering') return typeAhead(state, input.digits, rules);
  switch (state.phase.name) {
    case 'fetching':
      return stepFetching(state, state.phase, input, rules, nowMs);
    case 'playing':
      if (input.type === 'played' && input.playId === state.phase.playId) return nextVerb(state, rules, nowMs);
      if (input.type === 'clock' && nowMs >= state.phase.deadlineMs) {
        return after(nextVerb(state, rules, nowMs), silence(state));
      }
      return { state, outputs: [] };
    case 'pausing':
      if (input.type === 'clock' && nowMs >= state.phase.deadlineMs) return nextVerb(state, rules, nowMs);
      return { state, outputs: [] };
    case 'gathering':
      return stepGathering(state, state.phase, input, rules, nowMs);
    case 'dialing':
      return stepDialing(state, state.phase, input, rules, nowMs);
    case 'ended':
      return { state, outputs: [] };
  }
}

function stepFetching(
  state: ScriptState,
  phase: Extract<ScriptPhase, { name: 'fetching' }>,
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
    const fault = { code: 11205, message: 'the document did not arrive in time' };
    return documentFailed(state, phase, fault, rules, nowMs);
  }
  return { state, outputs: [] };
}

function documentFailed(
  state: ScriptState,
  phase: Extract<ScriptPhase, { name: 'fetching' }>,
  fault: ScriptFault,
  rules: ScriptRules,
  nowMs: Millis,
): ScriptStep {
  if (rules.fallback === undefined || phase.isFallback) return end(state, { type: 'failed', fault });
  const request: DocumentRequest = {
    written: rules.fallback.url,
    base: phase.request.base,
    method: rules.fallback.method,
    params: [
      ['ErrorCode', String(fault.code)],
      ['ErrorUrl', phase.request.written],
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
    const message = `${state.documents} documents in a row did nothing that takes time`;
    const ended = end(state, { type: 'failed', fault: { code: 12400, message } });
    return after(ended, [{ type: 'notify', code: 12400, severity: 'error', message }]);
  }
  const fetchId = state.serial + 1;
  const phase: ScriptPhase = {
    name: 'fetching',
    fetchId,
    request,
    isFallback,
    deadlineMs: nowMs + rules.limits.fetchTimeoutMs,
  };
  return { state: { ...state, phase, serial: fetchId }, outputs: [{ type: 'fetch', fetchId, request }] };
}

/** Runs verbs until one takes time or the document is over. */
function nextVerb(before: ScriptState, rules: ScriptRules, nowMs: Millis): ScriptStep {
  const outputs: ScriptOutput[] = [];
  let state = before;
  for (;;) {
    const verb = state.verbs[state.next];
    if (verb === undefined) return after(end(state, { type: 'finished' }), outputs);
    state = { ...state, next: state.next + 1 };
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
  const busy = { ...state, documents: 0 };
  switch (verb.verb) {
    case 'Pause':
      return waits(busy, { name: 'pausing', deadlineMs: nowMs + verb.lengthSeconds * 1000 });
    case 'Say':
    case 'Play':
      return waiting(playPrompt(busy, verb, rules, nowMs));
    case 'Gather':
      return waiting(beginGather(busy, verb, rules, nowMs));
    case 'Dial':
      return rules.role === 'screening' ? forbidden(state, verb) : beginDial(busy, verb, nowMs);
    case 'Record':
      return skip(state, verb, 13600, '<Record> is not available on this gateway');
    case 'Hangup':
      return waiting(end(state, { type: 'hangup' }));
    case 'Reject':
      if (rules.answered && rules.role === 'application') {
        return skip(state, verb, 13800, '<Reject> has no effect on a call that was answered');
      }
      return waiting(end(state, { type: 'reject', reason: verb.reason }));
    case 'Redirect':
      return waiting(
        fetchDocument(
          state,
          {
            written: verb.url === '' ? state.base : verb.url,
            base: state.base,
            method: verb.url === '' ? state.baseMethod : verb.method,
            params: [],
          },
          rules,
          nowMs,
        ),
      );
  }
}

function beginDial(state: ScriptState, verb: Dial, nowMs: Millis): Begun {
  // The dial has deadlines of its own; this one is for a dial that forgets us.
  const deadlineMs = nowMs + (verb.timeoutSeconds * Math.max(1, verb.nouns.length) + verb.timeLimitSeconds + 120) * 1000;
  const answers: readonly ScriptOutput[] = verb.answerOnBridge ? [] : [{ type: 'answer' }];
  return {
    state: { ...state, phase: { name: 'dialing', verb, deadlineMs } },
    outputs: [...answers, { type: 'dial', verb, base: state.base }],
    waits: true,
  };
}

function stepDialing(
  state: ScriptState,
  phase: Extract<ScriptPhase, { name: 'dialing' }>,
  input: ScriptInput,
  rules: ScriptRules,
  nowMs: Millis,
): ScriptStep {
  if (input.type === 'clock' && nowMs >= phase.deadlineMs) {
    return end(state, { type: 'failed', fault: { code: 12400, message: 'the dial never came to an end' } });
  }
  if (input.type !== 'dialEnded') return { state, outputs: [] };
  if (phase.verb.action === undefined) return nextVerb(state, rules, nowMs);
  const request: DocumentRequest = {
    written: phase.verb.action,
    base: state.base,
    method: phase.verb.method,
    params: input.params,
  };
  return fetchDocument(state, request, rules, nowMs);
}

function playPrompt(state: ScriptState, prompt: Say | Play, rules: ScriptRules, nowMs: Millis): ScriptStep {
  const playId = state.serial + 1;
  return {
    state: {
      ...state,
      serial: playId,
      phase: { name: 'playing', playId, deadlineMs: nowMs + rules.limits.playMaxMs },
    },
    outputs: [{ type: 'answer' }, { type: 'play', playId, prompt, base: state.base }],
  };
}

function beginGather(state: ScriptState, verb: Gather, rules: ScriptRules, nowMs: Millis): ScriptStep {
  const outputs: ScriptOutput[] = [{ type: 'answer' }];
  if (verb.input.includes('speech')) {
    const message = 'no speech recogniser is configured; the input counts as silence';
    outputs.push({ type: 'notify', code: 13335, severity: 'warning', message, at: verb.at });
  }
  const gathering: ScriptState = {
    ...state,
    typedAhead: '',
    phase: { name: 'gathering', verb, digits: '', prompt: null, deadlineMs: nowMs + verb.timeoutSeconds * 1000 },
  };
  if (state.typedAhead !== '') {
    return after(stepScript(gathering, { type: 'digits', digits: state.typedAhead }, rules, nowMs), outputs);
  }
  return after(nextPrompt(gathering, verb, 0, rules, nowMs), outputs);
}

/** Plays the prompt at the index, or begins to wait for keys when there is none left. */
function nextPrompt(state: ScriptState, verb: Gather, index: number, rules: ScriptRules, nowMs: Millis): ScriptStep {
  const prompt: Prompt | undefined = verb.prompts[index];
  const digits = state.phase.name === 'gathering' ? state.phase.digits : '';
  if (prompt === undefined) {
    const deadlineMs = nowMs + verb.timeoutSeconds * 1000;
    return { state: { ...state, phase: { name: 'gathering', verb, digits, prompt: null, deadlineMs } }, outputs: [] };
  }
  const playId = state.serial + 1;
  const lengthMs = prompt.verb === 'Pause' ? prompt.lengthSeconds * 1000 : rules.limits.playMaxMs;
  const phase: ScriptPhase = {
    name: 'gathering',
    verb,
    digits,
    prompt: { index, playId },
    deadlineMs: nowMs + lengthMs,
  };
  const outputs: readonly ScriptOutput[] =
    prompt.verb === 'Pause' ? [] : [{ type: 'play', playId, prompt, base: state.base }];
  return { state: { ...state, serial: playId, phase }, outputs };
}

function stepGathering(
  state: ScriptState,
  phase: Extract<ScriptPhase, { name: 'gathering' }>,
  input: ScriptInput,
  rules: ScriptRules,
  nowMs: Millis,
): ScriptStep {
  switch (input.type) {
    case 'played':
      if (phase.prompt?.playId !== input.playId) return { state, outputs: [] };
      return nextPrompt(state, phase.verb, phase.prompt.index + 1, rules, nowMs);
    case 'clock':
      if (nowMs < phase.deadlineMs) return { state, outputs: [] };
      if (phase.prompt !== null) {
        return after(nextPrompt(state, phase.verb, phase.prompt.index + 1, rules, nowMs), silence(state));
      }
      return gathered(state, phase, rules, nowMs);
    case 'digits':
      return gatherDigits(state, phase, input.digits, rules, nowMs);
    case 'documentFetched':
    case 'documentFailed':
    case 'dialEnded':
      return { state, outputs: [] };
  }
}

function gatherDigits(
  state: ScriptState,
  phase: Extract<ScriptPhase, { name: 'gathering' }>,
  typed: string,
  rules: ScriptRules,
  nowMs: Millis,
): ScriptStep {
  const { verb } = phase;
  if (!verb.input.includes('dtmf')) return { state, outputs: [] };
  let digits = phase.digits;
  for (const [index, key] of Array.from(typed).entries()) {
    if (key === 'w') continue;
    if (digits === '' && verb.startInputKey !== undefined && !verb.startInputKey.includes(key)) continue;
    const isFinish = verb.finishOnKey.includes(key);
    if (!isFinish) digits += key;
    if (isFinish || digits.length === verb.numDigits) {
      const rest = { ...state, typedAhead: typed.slice(index + 1) };
      return after(gathered(rest, { ...phase, digits }, rules, nowMs), silence(state));
    }
  }
  if (digits === phase.digits) return { state, outputs: [] };
  const deadlineMs = nowMs + verb.timeoutSeconds * 1000;
  return {
    state: { ...state, phase: { name: 'gathering', verb, digits, prompt: null, deadlineMs } },
    outputs: silence(state),
  };
}

/** The input is complete. Without any, the next verb follows, unless the document wants to hear of that too. */
function gathered(
  state: ScriptState,
  phase: Extract<ScriptPhase, { name: 'gathering' }>,
  rules: ScriptRules,
  nowMs: Millis,
): ScriptStep {
  const { verb, digits } = phase;
  if (digits === '' && !verb.actionOnEmptyResult) return nextVerb(state, rules, nowMs);
  const request: DocumentRequest = {
    written: verb.action ?? state.base,
    base: state.base,
    method: verb.method,
    params: [['Digits', digits]],
  };
  return fetchDocument(state, request, rules, nowMs);
}

function typeAhead(state: ScriptState, digits: string, rules: ScriptRules): ScriptStep {
  if (state.phase.name === 'ended') return { state, outputs: [] };
  const typedAhead = (state.typedAhead + digits.replaceAll('w', '')).slice(0, rules.limits.typedAheadMax);
  return { state: { ...state, typedAhead }, outputs: [] };
}

function forbidden(state: ScriptState, verb: Dial): Begun {
  const message = `<${verb.verb}> is forbidden in a screening document; the leg counts as declined`;
  const ended = end(state, { type: 'failed', fault: { code: 13240, message, ...verb.at } });
  return waiting(after(ended, [{ type: 'notify', code: 13240, severity: 'error', message, at: verb.at }]));
}

function skip(state: ScriptState, verb: Verb, code: number, message: string): Begun {
  return { state, outputs: [{ type: 'notify', code, severity: 'warning', message, at: verb.at }], waits: false };
}

function silence(state: ScriptState): readonly ScriptOutput[] {
  const { phase } = state;
  if (phase.name === 'playing') return [{ type: 'stopPlaying', playId: phase.playId }];
  if (phase.name === 'gathering' && phase.prompt !== null) {
    return [{ type: 'stopPlaying', playId: phase.prompt.playId }];
  }
  return [];
}

function end(state: ScriptState, how: ScriptEnd): ScriptStep {
  return { state: { ...state, phase: { name: 'ended', how } }, outputs: [] };
}

function waits(state: ScriptState, phase: ScriptPhase): Begun {
  return { state: { ...state, phase }, outputs: [], waits: true };
}

function waiting(step: ScriptStep): Begun {
  return { ...step, waits: true };
}

/** The same step, with something said before it. */
function after(step: ScriptStep, first: readonly ScriptOutput[]): ScriptStep {
  return first.length === 0 ? step : { state: step.state, outputs: [...first, ...step.outputs] };
}
