import type { Speech, SpeechPlan } from './speech.ts';
import { VoiceError } from './voice-error.ts';

/** The first of these engines that is there. An engine that is there and fails is not replaced by another. */
export function firstSpeech(engines: readonly Speech[]): Speech {
  const engineOf = new WeakMap<SpeechPlan, Speech>();
  return {
    async plan(wanted) {
      let missing: VoiceError | undefined;
      for (const engine of engines) {
        try {
          const plan = await engine.plan(wanted);
          engineOf.set(plan, engine);
          return plan;
        } catch (error) {
          if (!(error instanceof VoiceError) || error.fault !== 'no-engine') throw error;
          missing ??= error;
        }
      }
      throw missing ?? new VoiceError('no-engine', 'no speech engine is configured');
    },
    speak(order, plan) {
      const engine = engineOf.get(plan);
      if (engine === undefined) return Promise.reject(new VoiceError('no-engine', 'nobody made this plan'));
      return engine.speak(order, plan);
    },
  };
}
