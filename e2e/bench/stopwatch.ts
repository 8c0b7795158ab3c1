/** What one page knows about when it began to see and to hear the other, in ms since the epoch, to a fraction. */
export interface Marks {
  /** The person pressed the button that answers; on the page that answered. */
  readonly acceptedAtMs?: number;
  readonly seenAtMs?: number;
  readonly heardAtMs?: number;
}

declare global {
  interface Window {
    readonly stopwatch: { readonly marks: Marks; reset(): void };
  }
}

/**
 * Puts a stopwatch into a page before its own scripts run; sent to the browser as text. It knows nothing of the page: it
 * looks at the tracks that come out of any peer connection, so that two ways of setting up a call are measured by the
 * same code. Seen is the first frame on the screen that is not black; heard is the first sound.
 */
export function installStopwatch(): void {
  /** Below this a picture is black: a placeholder, not a person. */
  const BRIGHT = 30;
  const AUDIBLE = 0.01;
  const LISTEN_EVERY_MS = 5;

  interface Mutable {
    acceptedAtMs?: number;
    seenAtMs?: number;
    heardAtMs?: number;
  }
  let marks: Mutable = {};
  const now = (): number => performance.timeOrigin + performance.now();
  const audio = new AudioContext();
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 4;
  const paper = canvas.getContext('2d', { willReadFrequently: true });

  const play = (track: MediaStreamTrack, element: HTMLMediaElement): void => {
    element.srcObject = new MediaStream([track]);
    element.muted = true;
    element.style.cssText =
      'position:fixed;right:0;bottom:0;width:160px;height:90px;opacity:0.99;pointer-events:none';
    (document.body ?? document.documentElement).append(element);
    element.play().catch(() => undefined);
    track.addEventListener('ended', () => element.remove());
  };

  const watch = (track: MediaStreamTrack): void => {
    const video = document.createElement('video');
    play(track, video);
    const onFrame = (): void => {
      if (track.readyState === 'ended') return;
      video.requestVideoFrameCallback(onFrame);
      if (marks.seenAtMs !== undefined || paper === null) return;
      const atMs = now();
      paper.drawImage(video, 0, 0, 4, 4);
      const { data } = paper.getImageData(0, 0, 4, 4);
      if (data.some((value, index) => index % 4 !== 3 && value > BRIGHT)) marks.seenAtMs = atMs;
    };
    video.requestVideoFrameCallback(onFrame);
  };

  const listen = (track: MediaStreamTrack): void => {
    // Chromium gives a remote track's sound to WebAudio only while an element plays it.
    play(track, document.createElement('audio'));
    const tap = audio.createAnalyser();
    tap.fftSize = 512;
    audio.createMediaStreamSource(new MediaStream([track])).connect(tap);
    const wave = new Float32Array(tap.fftSize);
    const timer = setInterval(() => {
      if (track.readyState === 'ended') clearInterval(timer);
      if (marks.heardAtMs !== undefined) return;
      tap.getFloatTimeDomainData(wave);
      const level = Math.sqrt(wave.reduce((sum, sample) => sum + sample * sample, 0) / wave.length);
      if (level > AUDIBLE) marks.heardAtMs = now();
    }, LISTEN_EVERY_MS);
  };

  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      this.addEventListener('track', ({ track }) => (track.kind === 'video' ? watch(track) : listen(track)));
    }
  };
  document.addEventListener(
    'click',
    ({ target }) => {
      if (target instanceof Element && target.closest('[data-testid="accept-video"]'))
        marks.acceptedAtMs = now();
    },
    { capture: true },
  );
  Object.defineProperty(window, 'stopwatch', {
    value: {
      get marks(): Marks {
        return marks;
      },
      reset(): void {
        marks = {};
      },
    },
  });
}
