import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, dirname, extname } from 'node:path';
import send from 'send';
import type { HttpExchange } from '../edge/http-edge.ts';
import { ALWAYS_HEADERS } from '../edge/json-answer.ts';
import { isRecordingLinkGood } from '../recordings/recording-link.ts';
import type { RecordingControl } from './recording-control.ts';
import { RestRefusal } from './rest-refusal.ts';
import type { RestServices } from './rest-services.ts';

/** Media that were asked for. */
export interface AskedMedia {
  readonly accountSid: string;
  readonly recordingSid: string;
  /** `ogg`, `webm` or something else that was wished for; empty: as it is. */
  readonly form: string;
  readonly link: { readonly expires: string; readonly signature: string } | undefined;
}

const PATH =
  /^\/Accounts\/(?<account>AC[0-9a-f]{32})(?:\/(?:Calls|Conferences)\/[A-Z]{2}[0-9a-f]{32})?\/Recordings\/(?<recording>RE[0-9a-f]{32})(?:\.(?<form>\w{1,8}))?$/;

const TYPES: Readonly<Record<string, string>> = {
  ogg: 'audio/ogg; codecs=opus',
  webm: 'video/webm',
};

/**
 * Reads a request for media: the address of a recording with an ending that names media, or without one from somebody who
 * does not ask for JSON. Undefined: it asks for something else.
 */
export function askedMedia(request: IncomingMessage, url: URL, prefix: string): AskedMedia | undefined {
  if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
  const found = PATH.exec(url.pathname.slice(prefix.length))?.groups;
  const { account: accountSid, recording: recordingSid, form: written = '' } = found ?? {};
  if (accountSid === undefined || recordingSid === undefined || written === 'json') return undefined;
  const expires = url.searchParams.get('Expires');
  // Programs that know Twilio put `.wav` or `.mp3` behind whatever they were given.
  const [signature, appended = ''] = url.searchParams.get('Signature')?.split('.', 2) ?? [];
  const link = expires === null || signature === undefined ? undefined : { expires, signature };
  const form = written === '' ? appended : written;
  const wantsJson = /\bapplication\/json\b/.test(request.headers.accept ?? '');
  if (form === '' && link === undefined && wantsJson) return undefined;
  return { accountSid, recordingSid, form: form.toLowerCase(), link };
}

/** Whether a link allows this (D28). Throws for one that does not; answers false where none was given. */
export function isAllowedByLink(
  { accountSid, recordingSid, link }: AskedMedia,
  { accounts }: Pick<RestServices['store'], 'accounts'>,
  nowMs: number,
): boolean {
  if (link === undefined) return false;
  const account = accounts.find(accountSid);
  const isGood =
    account !== undefined &&
    isRecordingLinkGood(account.authToken, { accountSid, recordingSid, ...link }, nowMs);
  if (isGood) return true;
  throw new RestRefusal(
    'forbidden',
    'this link is not right or has expired: ask with credentials, or for another',
  );
}

/** Answers with media, or the part of them that was asked for. Throws a refusal before anything was sent. */
export async function answerMedia(
  { request, response }: Pick<HttpExchange, 'request' | 'response'>,
  asked: AskedMedia,
  services: {
    readonly store: Pick<RestServices['store'], 'recordings'>;
    readonly recordings: RecordingControl;
  },
): Promise<void> {
  const { accountSid, recordingSid, form } = asked;
  const recording = services.store.recordings.find(accountSid, recordingSid);
  const file = recording === undefined ? undefined : services.recordings.fileOf(recording);
  if (recording === undefined || file === undefined) {
    const why = recording === undefined ? 'there is no such recording' : `its status is ${recording.status}`;
    throw new RestRefusal('notFound', `there are no media of ${recordingSid}: ${why}`);
  }
  const kept = extname(file).slice(1);
  if (form !== '' && form !== kept) {
    throw new RestRefusal('notFound', `${recordingSid} is kept as .${kept} and not as .${form}`);
  }
  const headers = {
    ...ALWAYS_HEADERS,
    'Content-Type': TYPES[kept] ?? 'application/octet-stream',
    'Content-Disposition': `inline; filename="${recordingSid}.${kept}"`,
    // What is whole never changes; it may be deleted, so that nobody but its listener keeps it.
    'Cache-Control': 'private, max-age=3600',
    // Whoever has a link may play it in a page of her own.
    ...(asked.link === undefined
      ? {}
      : { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' }),
  };
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  await sendFile(request, response, file);
}

/** Answers with a file: whole, one range of it, or that it has not changed. */
function sendFile(request: IncomingMessage, response: ServerResponse, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    response.once('close', resolve);
    send(request, encodeURIComponent(basename(file)), {
      root: dirname(file),
      cacheControl: false,
      dotfiles: 'deny',
      index: false,
    })
      .on(
        'error',
        (error: Error & { readonly status?: number; readonly headers?: Record<string, string> }) => {
          if (error.status === 416) {
            response.writeHead(416, { ...error.headers, 'Content-Length': 0 }).end();
            return;
          }
          for (const name of response.getHeaderNames()) response.removeHeader(name);
          reject(
            error.status === 404
              ? new RestRefusal('notFound', 'the media have been deleted')
              : new Error('media could not be read', { cause: error }),
          );
        },
      )
      .pipe(response);
  });
}
