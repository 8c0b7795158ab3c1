/** Ceilings of the wire. Both ends keep them, so that neither can be made to hold what the other sends. */
export const WIRE_LIMITS = {
  /** A frame above this closes the socket (D30). In bytes of UTF-8. */
  frameBytesMax: 64 * 1024,
  /** A socket that has not said a valid hello by then is closed (D30). */
  helloTimeoutMs: 10_000,
  /** Custom parameters of a call, keys and values together (D11). */
  paramBytesMax: 4096,
  paramCountMax: 64,
  /** Digits in one frame. */
  digitsMax: 64,
  /** What one in-call message says, in bytes of UTF-8. Twilio's ceiling is the same. */
  messageBytesMax: 10 * 1024,
  /** In-call messages of one device in one call: so many at once, and so many a second. */
  messageBurst: 20,
  messagesPerSecond: 10,
  /** How long a person may think about showing herself. */
  videoAskMs: 30_000,
  /** Names told in one presence list. */
  presenceMax: 200,
  /** Transports, producers and consumers one device may hold in one call. */
  consumersPerCallMax: 128,
  producersPerCallMax: 4,
  /** Frames kept for a device that is away, until it has said it got them. */
  replayFramesMax: 256,
} as const;
