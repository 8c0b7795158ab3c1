export declare const MULAW_TONE: Uint8Array;
export declare const ALAW_TONE: Uint8Array;
export declare const MP3_TONE: Uint8Array;
export declare const OGG_OPUS_TONE: Uint8Array;
//# sourceMappingURL=tone-files.d.ts.map
