/** Something to be spoken. */
export interface SpeechOrder {
  /** Plain text, never empty. */
  readonly text: string;
  /** The same as XML with the tags of SSML, for an engine that understands them. */
  readonly ssml?: string;
  /** As written in the document: `man`, `woman`, or a name that only some engine knows. */
  readonly voice: string;
  /** As written: a BCP-47 tag, or one of RestComm's two letters (`bf`, `bp`, `cf`). */
  readonly language: string;
}

/** Something an author should know about how it was spoken. */
export interface Remark {
  readonly about: 'voice' | 'language' | 'ssml';
  /** A sentence, fit to be shown to the document's author. */
  readonly message: string;
}

/** What an engine made of an order. */
export interface Spoken {
  /** A file: WAV, MP3 or Ogg Opus. How loud it is does not matter. */
  readonly sound: Uint8Array;
}

/** How an engine is going to speak an order: which of its voices, and what had to be read differently. */
export interface SpeechPlan {
  /** Two orders with one text and one key sound the same; it is part of the key a prompt is kept under. */
  readonly key: string;
  readonly remarks: readonly Remark[];
  /** A BCP-47 tag of what will be spoken, for dividing the text into sentences. */
  readonly language: string;
  /** What it makes of SSML: all of it, the tags that no file and no voice can be named with, or nothing. */
  readonly tags: 'all' | 'safe' | 'none';
}

/** An engine that speaks. */
export interface Speech {
  /**
   * Chooses a voice: the nearest where there is not the one that was asked for, with a remark. Rejects with a
   * {@link VoiceError} `no-engine` where there is none at all.
   */
  plan(wanted: Pick<SpeechOrder, 'voice' | 'language'>): Promise<SpeechPlan>;
  /** Speaks. Rejects with a {@link VoiceError} where it cannot, within {@link SPEECH_DEADLINE_MS}. */
  speak(order: SpeechOrder, plan: SpeechPlan): Promise<Spoken>;
}

/** No engine may take longer for one sentence. */
export const SPEECH_DEADLINE_MS = 10_000;
