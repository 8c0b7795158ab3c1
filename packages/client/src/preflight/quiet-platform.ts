import type { PlaceholderTrack, Platform, PlatformSpeaker } from '../platform.ts';

/** So loud that it is heard through any codec, and so low that no filter takes it for noise. */
const TONE_HZ = 440;
const TONE_GAIN = 0.3;

/** The same surroundings for a line that is tried, and what has to be closed afterwards. */
export interface QuietPlatform {
  readonly platform: Platform;
  /** How loud is what comes back now, 0 to 1; null where nobody can listen. */
  level(): number | null;
  close(): void;
}

/**
 * The same surroundings, in which a line is tried without a person: a tone goes up in place of the microphone, and what
 * comes back is taken in without being heard. Where nothing can make a tone, silence goes up, and packets have to do.
 */
export function quietPlatform(platform: Platform): QuietPlatform {
  if (typeof document === 'undefined' || typeof AudioContext === 'undefined') return silentPlatform(platform);
  const context = new AudioContext();
  // Where the person has not touched the page yet it may stay suspended: then silence goes up, and comes back as packets.
  context.resume().catch(() => undefined);
  const ear = new AnalyserNode(context);
  return {
    platform: {
      ...platform,
      agent: platform.agent,
      openSource: async (kind, constraints) =>
        kind === 'audio' ? toneOf(context) : platform.openSource(kind, constraints),
      createSpeaker: () => createDeafSpeaker(ear),
    },
    level: () => (context.state === 'running' ? loudnessOf(ear) : null),
    close: () => void context.close().catch(() => undefined),
  };
}

function silentPlatform(platform: Platform): QuietPlatform {
  const silences: PlaceholderTrack[] = [];
  return {
    platform: {
      ...platform,
      agent: platform.agent,
      openSource: async (kind, constraints) => {
        if (kind === 'video') return platform.openSource(kind, constraints);
        const silence = platform.createPlaceholder('audio');
        silences.push(silence);
        return silence.track;
      },
    },
    level: () => null,
    close: () => {
      for (const silence of silences) silence.close();
    },
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

function loudnessOf(ear: AnalyserNode): number {
  const wave = new Float32Array(ear.fftSize);
  ear.getFloatTimeDomainData(wave);
  return Math.sqrt(wave.reduce((sum, each) => sum + each * each, 0) / wave.length);
}

/**
 * A browser decodes only what is played somewhere. Played muted it is decoded and not heard; but a muted sound has no
 * level in Chromium's statistics, so it is listened to before it is muted.
 */
function createDeafSpeaker(ear: AnalyserNode): PlatformSpeaker {
  const element = document.createElement('audio');
  element.muted = true;
  let source: MediaStreamAudioSourceNode | null = null;
  const play = async (): Promise<boolean> => {
    await element.play().catch(() => undefined);
    return true;
  };
  return {
    play: (stream) => {
      element.srcObject = stream;
      source?.disconnect();
      source = new MediaStreamAudioSourceNode(ear.context as AudioContext, { mediaStream: stream });
      source.connect(ear);
      void play();
    },
    unlock: play,
    close: () => {
      source?.disconnect();
      element.pause();
      element.srcObject = null;
    },
  };
}
