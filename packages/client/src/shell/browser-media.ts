import { ClientError } from '../errors.ts';
import type { Permission, PlaceholderTrack, PlatformDevices } from '../platform.ts';

export { loadBrowserEngine } from './browser-engine.ts';
export { createSpeaker } from './speaker.ts';
export { createSounds } from './tones.ts';

/** Where chosen devices are kept. */
const DEVICES_KEY = 'parley-devices';

export function hasChosenDevices(): boolean {
  try {
    return DEVICES_KEY in localStorage;
  } catch {
    // A page that may keep nothing.
    return false;
  }
}

export async function loadDevices(): Promise<PlatformDevices> {
  return (await import('./browser-devices.ts')).browserDevices(DEVICES_KEY);
}

export function createStream(): MediaStream {
  return new MediaStream();
}

export function createPlaceholder(kind: 'audio' | 'video'): PlaceholderTrack {
  return kind === 'audio' ? silence() : black();
}

export async function openSource(
  kind: 'audio' | 'video',
  constraints: MediaTrackConstraints | true,
): Promise<MediaStreamTrack> {
  // Undefined on pages without https, whatever the types say.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices === undefined) throw new ClientError('insecure-context');
  if (!isAllowedHere(kind)) throw new ClientError(kind === 'audio' ? 'microphone-blocked' : 'camera-blocked');
  const plain = constraints === true ? {} : constraints;
  const stream = await devices.getUserMedia({
    [kind]: kind === 'video' && !asksForSize(constraints) ? { ...PICTURE, ...plain } : constraints,
  });
  const [track] = stream.getTracks();
  if (track === undefined) throw new DOMException('no track', 'NotFoundError');
  return track;
}

/** What a call between two people needs, and every camera has. */
const PICTURE: MediaTrackConstraints = {
  width: { ideal: 640 },
  height: { ideal: 360 },
  frameRate: { ideal: 30 },
};

function asksForSize(constraints: MediaTrackConstraints | true): boolean {
  if (constraints === true) return false;
  return ['width', 'height', 'aspectRatio', 'frameRate'].some((name) => name in constraints);
}

/** A page in a frame gets what the page around it allows. Chromium says so beforehand; elsewhere it looks like a refusal. */
function isAllowedHere(kind: 'audio' | 'video'): boolean {
  const { featurePolicy } = document as { featurePolicy?: { allowsFeature(name: string): boolean } };
  return featurePolicy?.allowsFeature(kind === 'audio' ? 'microphone' : 'camera') ?? true;
}

function silence(): PlaceholderTrack {
  const context = new AudioContext();
  const [track] = context.createMediaStreamDestination().stream.getAudioTracks();
  if (track === undefined) throw new ClientError('unsupported-browser');
  return {
    track,
    paint: () => undefined,
    close: () => {
      track.stop();
      context.close().catch(() => undefined);
    },
  };
}

function black(): PlaceholderTrack {
  const canvas = document.createElement('canvas');
  canvas.width = 640;
  canvas.height = 360;
  // Firefox captures nothing from a canvas that has no context yet.
  const context = canvas.getContext('2d');
  const [track] = canvas.captureStream().getVideoTracks();
  if (track === undefined || context === null) throw new ClientError('unsupported-browser');
  let paints = 0;
  let shown: HTMLVideoElement | null = null;
  return {
    track,
    show: (camera) => {
      shown ??= document.createElement('video');
      shown.muted = true;
      shown.playsInline = true;
      shown.srcObject = new MediaStream([camera]);
      shown.play().catch(() => undefined);
    },
    paint: () => {
      if (shown !== null && shown.videoWidth > 0) {
        // As wide as before, and of the camera's own proportions.
        const height = 2 * Math.round((canvas.width * shown.videoHeight) / shown.videoWidth / 2);
        if (canvas.height !== height) canvas.height = height;
        context.drawImage(shown, 0, 0, canvas.width, canvas.height);
        return;
      }
      // A frame is only captured when something was drawn, so the black alternates by what nobody can see.
      context.fillStyle = paints % 2 === 0 ? '#000000' : '#010101';
      paints += 1;
      context.fillRect(0, 0, canvas.width, canvas.height);
    },
    close: () => {
      track.stop();
      if (shown !== null) shown.srcObject = null;
    },
  };
}

export async function queryPermission(kind: 'audio' | 'video'): Promise<Permission> {
  const name = kind === 'audio' ? 'microphone' : 'camera';
  try {
    return (await navigator.permissions.query({ name })).state;
  } catch {
    return 'unknown';
  }
}

export async function hasSource(kind: 'audio' | 'video'): Promise<boolean> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.some((device) => device.kind === `${kind}input`);
}
