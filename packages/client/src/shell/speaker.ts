import type { PlatformSpeaker } from '../platform.ts';

/** Not in every browser, whatever the types say. */
export interface Sinkable {
  setSinkId?(sinkId: string): Promise<void>;
}

/** One `<audio>` element, in the page but not to be seen: some browsers stop what is not in the page. */
export function createSpeaker(): PlatformSpeaker {
  const element = document.createElement('audio');
  element.autoplay = true;
  element.hidden = true;
  let report = (_isBlocked: boolean): void => undefined;

  const start = async (): Promise<boolean> => {
    try {
      await element.play();
      report(false);
      return true;
    } catch (thrown) {
      // An AbortError is a play that was overtaken by another; only a NotAllowedError needs the person.
      const isBlocked = thrown instanceof DOMException && thrown.name === 'NotAllowedError';
      if (isBlocked) report(true);
      return !isBlocked;
    }
  };

  let hasOutputs = false;
  // What has not been loaded cannot choose: it is heard where it was.
  const playOn = (deviceIds: readonly string[]): void =>
    void import('./sinks.ts').then((sinks) => sinks.playOn(element, deviceIds)).catch(() => undefined);

  return {
    setOutputs: (deviceIds) => {
      hasOutputs = true;
      playOn(deviceIds);
    },
    play: (stream, onBlocked) => {
      report = onBlocked;
      if (element.srcObject !== stream) element.srcObject = stream;
      if (!element.isConnected) document.body.append(element);
      void start();
    },
    unlock: start,
    close: () => {
      report = () => undefined;
      if (hasOutputs) playOn([]);
      element.pause();
      element.srcObject = null;
      element.remove();
    },
  };
}
