/** The rate at which a recogniser is given what somebody says: mono, 16 bits, as most engines are trained. */
export const HEARING_RATE = 16_000;

/** What is to be understood. */
export interface RecognitionOrder {
  /** A BCP-47 tag, as written in the document. */
  readonly language: string;
  /** Words and phrases that are likely to be said; may be empty. */
  readonly hints: readonly string[];
  /** Told what has been understood so far, where the engine says so. May be told often; the later replaces the earlier. */
  readonly onPartial?: (text: string) => void;
}

/** What somebody said, as an engine understood it. */
export interface Recognized {
  /** Empty where nothing was understood. */
  readonly text: string;
  /** 0 to 1; absent where the engine does not say. */
  readonly confidence?: number;
}

/** One utterance on its way to an engine. */
export interface Recognition {
  /** Settles once: when the engine knows, which may be before `end`. Rejects with a {@link VoiceError} where it fails. */
  readonly result: Promise<Recognized>;
  /** Adds samples at {@link HEARING_RATE}. Does nothing when it is over. */
  push(samples: Int16Array): void;
  /** She has stopped speaking: the result is to come within {@link RECOGNITION_DEADLINE_MS}. */
  end(): void;
  /** Nothing is wanted any more; `result` rejects. */
  abort(): void;
}

/** An engine that understands speech. */
export interface Recognizer {
  /** Begins with the first word; what follows is pushed as it is said. */
  listen(order: RecognitionOrder): Recognition;
}

/** No engine may take longer after the last word. */
export const RECOGNITION_DEADLINE_MS = 10_000;
