import type { ToneStep } from '@parley/protocol';
import type { EndTone } from '@parley/switchboard';
import { callTone, toneCountry } from '@parley/voice';

/** The tone of a country, where what was written is one; otherwise the device has its own. */
export function wireTone(tone: EndTone | undefined): { readonly tone?: ToneStep[] } {
  const country = tone === undefined ? undefined : toneCountry(tone.country);
  if (tone === undefined || country === undefined) return {};
  return {
    tone: callTone(tone.tone, country).map((step) => ({ hertz: [...step.frequencies], ms: step.durationMs })),
  };
}
