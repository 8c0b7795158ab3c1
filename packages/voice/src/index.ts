export { callTone, TONE_COUNTRIES, toneCountry, type CallTone, type ToneCountry } from './country-tones.ts';
export { createEspeakModule, type EspeakModuleOptions } from './espeak-module.ts';
export { createEspeak, type EspeakOptions } from './espeak.ts';
export { firstSpeech } from './first-speech.ts';
export { FRAME_MS, SILENT_FRAME, type Frame } from './frame.ts';
export { createHttpRecognizer, type HttpRecognizerOptions } from './http-recognizer.ts';
export { createHttpSpeech, type HttpSpeechOptions } from './http-speech.ts';
export { keypadTones } from './keypad-tones.ts';
export { createOpusEar, type OpusEar } from './opus-ear.ts';
export {
  HEARING_RATE,
  type Recognition,
  type RecognitionOrder,
  type Recognized,
  type Recognizer,
} from './recognizer.ts';
export {
  SPEECH_DEADLINE_MS,
  type Remark,
  type Speech,
  type SpeechOrder,
  type SpeechPlan,
  type Spoken,
} from './speech.ts';
export { SpeechDetector, type SpeechDetectorOptions, type SpeechEvent } from './speech-detector.ts';
export { Tape } from './tape.ts';
export type { TapeCacheCounts } from './tape-cache.ts';
export type { ToneCadence, ToneStep } from './tone.ts';
export { createVoice, type SoundTape, type Voice, type VoiceCounts, type VoiceOptions } from './voice.ts';
export { VoiceError, type VoiceFault } from './voice-error.ts';
