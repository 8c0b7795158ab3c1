import type { HttpMethod } from '@parley/rcml';
import { oneOf, textOrNull, type Row } from './row.ts';

/** Where the document of a call is asked for; applications and clients both have it. */
export interface VoiceSettings {
  readonly voiceUrl: string | null;
  readonly voiceMethod: HttpMethod;
  readonly voiceFallbackUrl: string | null;
  readonly voiceFallbackMethod: HttpMethod;
}

/** Reads the four columns. */
export function readVoiceSettings(row: Row): VoiceSettings {
  return {
    voiceUrl: textOrNull(row, 'voice_url'),
    voiceMethod: oneOf(row, 'voice_method', ['POST', 'GET']),
    voiceFallbackUrl: textOrNull(row, 'voice_fallback_url'),
    voiceFallbackMethod: oneOf(row, 'voice_fallback_method', ['POST', 'GET']),
  };
}
