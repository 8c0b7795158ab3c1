import type { Platform, PlatformSpeaker } from '../platform.ts';

/** So loud that it is heard through any codec, and so low that no filter takes it for noise. */
const TONE_HZ = 440;
const TONE_GAIN = 0.3;

/** The same surroundings for a line that is tried, and what has to be closed afterwards. */
export interface QuietPlatform {
  readonly platform: Platform;
  close(): void;
}

/**
 * The same surroundings, in which a line is tried without a person: a tone goes up in place of the microphone, and what
 * comes back is taken in without being heard. Outside of a page they stay as they are.
 */
export function quietPlatform(platform: Platform): QuietPlatform {
  if (typeof document === 'undefined' || typeof AudioContext === 'undefined') {
    return { platform, close: () => undefined };
  }
  const context = new AudioContext();
  // Where the person has not touched the page yet it may stay suspended: then silence goes up, and comes back as packets.
  context.resume().catch(() => undefined);
  return {
    platform: {
      ...platform,
      agent: platform.agent,
      openSource: async (kind, constraints) =>
        kind === 'audio' ? toneOf(context) : platform.openSource(kind, constraints),
      createSpeaker: createDeafSpeaker,
    },
    close: () => void context.close().catch(() => undefined),
  };
}

function toneOf(context: AudioContext): MediaStreamTrack {
  const tone = new OscillatorNode(context, { frequency: TONE_HZ });
  const destination = context.createMediaStreamDestination();
  tone.connect(new GainNode(context, { gain: TONE_GAIN })).connect(destination);
  tone.start();
  const [track] = destination.stream.getAudioTracks();
  if (track === undefined) throw new DOMException('no track', 'NotFoundError');
  return track;
}

/** A browser decodes only what is played somewhere; played muted, it is decoded and not heard. */
function createDeafSpeaker(): PlatformSpeaker {
  const element = document.createElement('audio');
  element.muted = true;
  const play = async (): Promise<boolean> => {
    await element.play().catch(() => undefined);
    return true;
  };
  return {
    play: (stream) => {
      element.srcObject = stream;
      void play();
    },
    unlock: play,
    close: () => {
      element.pause();
      element.srcObject = null;
    },
  };
}
