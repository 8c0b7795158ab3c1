import type { Gather } from '@parley/rcml';
import type { GatherOutput, GatherState, Utterance } from './gather.ts';
import type { DocumentRequest, ScriptOutput } from './script-state.ts';

/** Puts what a gather says into the words of the script it is in. */
export function fromGather(output: GatherOutput, verb: Gather, base: string): ScriptOutput {
  if (output.type === 'play') return { ...output, base };
  if (output.type !== 'partial') return output;
  const request: DocumentRequest = {
    written: verb.partialResultCallback ?? '',
    base,
    method: verb.partialResultCallbackMethod,
    params: [
      ['UnstableSpeechResult', output.text],
      ['SequenceNumber', String(output.sequence)],
    ],
  };
  return { type: 'tellApplication', request };
}

/** Whether anything was pressed or understood. */
export function hasInput(gather: GatherState): boolean {
  return gather.digits !== '' || utteranceOf(gather) !== undefined;
}

/** What its action is told: words where some were understood, otherwise keys, though there may be none. */
export function gatheredParams(gather: GatherState): DocumentRequest['params'] {
  const utterance = utteranceOf(gather);
  if (utterance === undefined) return [['Digits', gather.digits]];
  const { text, confidence } = utterance;
  const understood = ['SpeechResult', text] as const;
  return confidence === undefined ? [understood] : [understood, ['Confidence', String(confidence)]];
}

function utteranceOf({ phase }: GatherState): Utterance | undefined {
  if (phase.name !== 'over' || phase.speech === undefined || phase.speech.text === '') return undefined;
  return phase.speech;
}
