import type { Sinkable } from './speaker.ts';

/** Elements that play beside another one, or in place of the page, by what they were opened for. */
const opened = new WeakMap<object, readonly HTMLAudioElement[]>();

/**
 * Plays what an element plays on these outputs: the element itself on the first, and one more element for each of the
 * others. Elements and not WebAudio, because a browser takes an echo out only of what elements play.
 */
export function playOn(element: HTMLAudioElement & Sinkable, deviceIds: readonly string[]): void {
  const [first = '', ...others] = deviceIds;
  // An output that cannot be used leaves the sound where it was; the next change of devices says what there is.
  element.setSinkId?.(first).catch(() => undefined);
  replace(
    element,
    others.map((deviceId) => openElement(element.srcObject, deviceId)),
  );
}

/** Leads sounds that are made here to these outputs, or back to where the page is heard. */
export function leadTo(node: AudioNode, deviceIds: readonly string[]): void {
  const { context } = node;
  node.disconnect();
  if (deviceIds.length === 0 || !(context instanceof AudioContext) || context.state === 'closed') {
    node.connect(context.destination);
    replace(node, []);
    return;
  }
  const out = context.createMediaStreamDestination();
  node.connect(out);
  replace(
    node,
    deviceIds.map((deviceId) => openElement(out.stream, deviceId)),
  );
}

function replace(opener: object, elements: readonly HTMLAudioElement[]): void {
  for (const element of opened.get(opener) ?? []) {
    element.pause();
    element.srcObject = null;
    element.remove();
  }
  opened.set(opener, elements);
}

function openElement(played: MediaProvider | null, deviceId: string): HTMLAudioElement {
  const element: HTMLAudioElement & Sinkable = document.createElement('audio');
  element.autoplay = true;
  element.hidden = true;
  element.srcObject = played;
  document.body.append(element);
  element.setSinkId?.(deviceId).catch(() => undefined);
  element.play().catch(() => undefined);
  return element;
}
