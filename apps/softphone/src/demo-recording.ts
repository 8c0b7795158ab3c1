const AGAIN_MS = 2000;

/**
 * Where what was recorded of a call can be heard, as the gateway's own demo tells; undefined where nothing was. In a
 * product your server knows: it is told `RecordingUrl`.
 */
export async function demoRecording(callSid: string): Promise<string | undefined> {
  if (callSid === '') return undefined;
  const found = await ask(callSid);
  if (found !== undefined) return found;
  // Whoever hangs up first is faster than the application that is told of the recording.
  await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  return ask(callSid);
}

async function ask(callSid: string): Promise<string | undefined> {
  const response = await fetch(`/demo/recording?call=${encodeURIComponent(callSid)}`, { cache: 'no-store' });
  return response.ok ? recordingFrom(await response.json()) : undefined;
}

/** Reads the answer `{ url }`; anything but an address of this kind is none. */
export function recordingFrom(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null || !('url' in answer)) return undefined;
  return typeof answer.url === 'string' && /^(https?:\/\/|\/)/.test(answer.url) ? answer.url : undefined;
}
