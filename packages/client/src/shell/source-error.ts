import { asClientError, ClientError, type ClientErrorName } from '../errors.ts';

/** What `getUserMedia` threw, by what it means to the person: refused, closed the question, taken, not there. */
export function sourceError(kind: 'audio' | 'video', thrown: unknown): ClientError {
  const device = kind === 'audio' ? 'microphone' : 'camera';
  const name = nameOf(thrown);
  const message = thrown instanceof Error ? thrown.message : '';
  return asClientError(thrown, errorNameFor(device, name, message));
}

function nameOf(thrown: unknown): string {
  // A DOMException is not an Error everywhere, but always has a name.
  return typeof thrown === 'object' && thrown !== null && 'name' in thrown ? String(thrown.name) : '';
}

function errorNameFor(device: 'microphone' | 'camera', name: string, message: string): ClientErrorName {
  switch (name) {
    case 'NotAllowedError':
      return /dismiss/i.test(message) ? `${device}-dismissed` : `${device}-denied`;
    case 'SecurityError':
      return `${device}-denied`;
    case 'NotFoundError':
      return `${device}-not-found`;
    case 'NotReadableError':
    case 'AbortError':
      return `${device}-in-use`;
    case 'OverconstrainedError':
      return `${device}-overconstrained`;
    default:
      return `${device}-failed`;
  }
}
