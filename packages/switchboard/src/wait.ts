import type { Document } from '@parley/rcml';
import { stay, type Millis, type Step } from './machine.ts';
import {
  scriptDeadlineMs,
  type DocumentRequest,
  type ScriptInput,
  type ScriptLimits,
  type ScriptOutput,
  type ScriptRules,
  type ScriptState,
  type ScriptStep,
} from './script-state.ts';
import { abortScript, idleScript, repeatScript, stepScript } from './script.ts';

/**
 * The document that is heard by somebody who waits (`waitUrl`, `HoldUrl`). It is asked for again whenever it is over, so
 * that it may say something else each time.
 *
 *             fetched                over
 *   asking ───────────► performing ────────► asking
 *      │  failed · nothing in it that takes time, again and again
 *      └──────────────────────────────────────────────► ended
 *
 * Say, Play, Pause and Redirect are performed; whoever waits cannot be dialled, asked or hung up by it.
 */
export interface WaitState {
  readonly script: ScriptState;
  readonly request: DocumentRequest;
}

export type WaitInput = Extract<
  ScriptInput,
  { readonly type: 'documentFetched' | 'documentFailed' | 'played' | 'clock' }
>;

export type WaitOutput =
  | Extract<ScriptOutput, { readonly type: 'fetch' | 'play' | 'stopPlaying' | 'notify' }>
  /** There is nothing to be heard from there. Always the last. */
  | { readonly type: 'failed' };

export type WaitStep = Step<WaitState, WaitOutput>;

export function startWait(request: DocumentRequest, limits: ScriptLimits, nowMs: Millis): WaitStep {
  const state: WaitState = {
    script: { ...idleScript(request.base), baseMethod: request.method },
    request,
  };
  return absorb(state, repeatScript(state.script, request, rulesOf(limits), nowMs), limits, nowMs);
}

/** Pure: the same state, input and time always give the same step. */
export function stepWait(state: WaitState, input: WaitInput, limits: ScriptLimits, nowMs: Millis): WaitStep {
  if (state.script.phase.name === 'ended') return stay(state);
  const heard: ScriptInput =
    input.type === 'documentFetched' ? { ...input, document: forEver(input.document, input.foundAt) } : input;
  return absorb(state, stepScript(state.script, heard, rulesOf(limits), nowMs), limits, nowMs);
}

/** What stops what is being played now. Nothing follows. */
export function endWait(state: WaitState): WaitStep {
  const { state: script, outputs } = abortScript(state.script);
  return { state: { ...state, script }, outputs: outputs.filter(isHeard) };
}

/** When it next wants to hear of the clock; undefined once it is over. */
export function waitDeadlineMs({ script }: WaitState): Millis | undefined {
  return scriptDeadlineMs(script);
}

/** A sound that was served in place of a document is not fetched again for every turn. */
function forEver(document: Document, foundAt: string): Document {
  const [verb, ...others] = document.verbs;
  if (verb?.verb !== 'Play' || others.length > 0 || verb.url !== foundAt) return document;
  return { verbs: [{ ...verb, loop: 0 }] };
}

/** Asks again where it is over, while that makes sense: the script counts documents in a row that took no time (D21). */
function absorb(before: WaitState, first: ScriptStep, limits: ScriptLimits, nowMs: Millis): WaitStep {
  const { phase } = first.state;
  const state: WaitState = { ...before, script: first.state };
  const outputs: WaitOutput[] = first.outputs.filter(isHeard);
  if (phase.name !== 'ended') return { state, outputs };
  // A document without a verb asks for silence; it is not asked for again to say so once more.
  if (first.state.verbs.length === 0 && phase.how.type === 'finished') return { state, outputs };
  if (phase.how.type !== 'finished') return { state, outputs: [...outputs, { type: 'failed' }] };
  const again = repeatScript(first.state, state.request, rulesOf(limits), nowMs);
  const isOver = again.state.phase.name === 'ended';
  return {
    state: { ...state, script: again.state },
    outputs: [...outputs, ...again.outputs.filter(isHeard), ...(isOver ? [{ type: 'failed' } as const] : [])],
  };
}

function isHeard(output: ScriptOutput): output is Exclude<WaitOutput, { type: 'failed' }> {
  switch (output.type) {
    case 'fetch':
    case 'play':
    case 'stopPlaying':
    case 'notify':
      return true;
    case 'answer':
    case 'dial':
    case 'startRecording':
    case 'stopRecording':
    case 'listen':
    case 'stopListening':
    case 'tellApplication':
      return false;
  }
}

function rulesOf(limits: ScriptLimits): ScriptRules {
  return { role: 'waiting', answered: true, limits, newRecording };
}

/** Whoever waits is not recorded: the script has skipped the verb. */
function newRecording(): never {
  throw new Error('a document for somebody who waits records nothing');
}
