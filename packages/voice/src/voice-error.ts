/** What may go wrong with something that was to be heard. */
export type VoiceFault =
  /** No speech engine is installed or configured. */
  | 'no-engine'
  /** The engine failed, or was too slow. */
  | 'speech-failed'
  /** The recogniser failed, or was too slow. */
  | 'recognition-failed'
  /** The bytes are no sound we can read; the message says what they look like. */
  | 'sound-unreadable'
  /** More is asked at a time than is carried. */
  | 'too-busy'
  /** The voice is being closed. */
  | 'closed';

/** Why something could not be made to be heard. The message is fit to be shown to a document's author. */
export class VoiceError extends Error {
  readonly fault: VoiceFault;

  constructor(fault: VoiceFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'VoiceError';
    this.fault = fault;
  }
}
