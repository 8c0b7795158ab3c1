/** What a page of the tests can do with devices that are not there. */
export interface VirtualDevices {
  /** Plugs in a microphone that sounds at this frequency, or a camera of this colour. */
  plugIn(deviceId: string, what: { readonly toneHz: number } | { readonly colour: string }): void;
  /** One of these, or one of the browser's own: then it is not listed any more. */
  unplug(deviceId: string): void;
  /** One of the browser's own is listed again. */
  plugBack(deviceId: string): void;
  /** What the person chooses to share, from now on: a screen of this colour that sounds so. */
  offerScreen(what: { readonly colour: string; readonly toneHz: number }): void;
  /** The person stops sharing in the browser's own bar. */
  stopSharing(): void;
}

declare global {
  interface Window {
    readonly virtual: VirtualDevices;
  }
}

/**
 * Puts microphones and cameras beside the browser's own, which cannot be plugged in and out while it runs. It is sent to
 * the browser as text, so it uses nothing from this module. What they give is real media, made by WebAudio and a canvas.
 */
export function installVirtualDevices(): void {
  type What = { readonly toneHz?: number; readonly colour?: string };
  // Absent on the blank page that a tab begins with.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices === undefined) return;
  const plugged = new Map<string, What>();
  const hidden = new Set<string>();
  const open = new Map<string, Set<MediaStreamTrack>>();
  const list = devices.enumerateDevices.bind(devices);
  const getUserMedia = devices.getUserMedia.bind(devices);

  const end = (track: MediaStreamTrack): void => {
    track.stop();
    track.dispatchEvent(new Event('ended'));
  };

  const tone = (toneHz: number): MediaStreamTrack => {
    const context = new AudioContext();
    const oscillator = new OscillatorNode(context, { frequency: toneHz });
    const destination = context.createMediaStreamDestination();
    oscillator.connect(new GainNode(context, { gain: 0.3 })).connect(destination);
    oscillator.start();
    const [track] = destination.stream.getAudioTracks();
    if (track === undefined) throw new Error('no sound');
    return track;
  };

  const picture = (colour: string): MediaStreamTrack => {
    const canvas = document.createElement('canvas');
    canvas.width = 640;
    canvas.height = 360;
    const context = canvas.getContext('2d');
    const [track] = canvas.captureStream(20).getVideoTracks();
    if (context === null || track === undefined) throw new Error('no picture');
    let frames = 0;
    const paint = setInterval(() => {
      context.fillStyle = colour;
      context.fillRect(0, 0, canvas.width, canvas.height);
      // A corner that changes, so that there is a new picture every time.
      context.fillStyle = frames % 2 === 0 ? '#000' : '#fff';
      context.fillRect(0, 0, 4, 4);
      frames += 1;
      if (track.readyState === 'ended') clearInterval(paint);
    }, 50);
    return track;
  };

  const idOf = (constraints: boolean | MediaTrackConstraints | undefined): string | undefined => {
    const { deviceId } = typeof constraints === 'object' ? constraints : {};
    return (deviceId as { exact?: string } | undefined)?.exact;
  };

  Object.defineProperty(devices, 'enumerateDevices', {
    value: async () => [
      ...(await list()).filter(({ deviceId }) => !hidden.has(deviceId)),
      ...Array.from(plugged, ([deviceId, { toneHz }]) => ({
        deviceId,
        groupId: deviceId,
        kind: toneHz === undefined ? 'videoinput' : 'audioinput',
        label: deviceId,
      })),
    ],
  });
  Object.defineProperty(devices, 'getUserMedia', {
    value: async (constraints: MediaStreamConstraints) => {
      const deviceId = idOf(constraints.audio) ?? idOf(constraints.video);
      if (deviceId?.startsWith('virtual') !== true) return getUserMedia(constraints);
      const what = plugged.get(deviceId);
      if (what === undefined) throw new OverconstrainedError('deviceId', 'it is not plugged in');
      const track = what.toneHz === undefined ? picture(what.colour ?? '#000') : tone(what.toneHz);
      Object.defineProperty(track, 'getSettings', { value: () => ({ deviceId, height: 360 }) });
      open.set(deviceId, (open.get(deviceId) ?? new Set()).add(track));
      return new MediaStream([track]);
    },
  });

  const shared = new Set<MediaStreamTrack>();
  const virtual: VirtualDevices = {
    plugIn: (deviceId, what) => {
      plugged.set(deviceId, what);
      devices.dispatchEvent(new Event('devicechange'));
    },
    unplug: (deviceId) => {
      if (!plugged.delete(deviceId)) hidden.add(deviceId);
      for (const track of open.get(deviceId) ?? []) end(track);
      devices.dispatchEvent(new Event('devicechange'));
    },
    plugBack: (deviceId) => {
      hidden.delete(deviceId);
      devices.dispatchEvent(new Event('devicechange'));
    },
    offerScreen: ({ colour, toneHz }) => {
      Object.defineProperty(devices, 'getDisplayMedia', {
        configurable: true,
        value: async () => {
          const tracks = [picture(colour), tone(toneHz)];
          for (const track of tracks) shared.add(track);
          return new MediaStream(tracks);
        },
      });
    },
    stopSharing: () => {
      for (const track of shared) end(track);
      shared.clear();
    },
  };
  Object.defineProperty(window, 'virtual', { value: virtual });
}
