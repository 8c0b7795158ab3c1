import type { ServerResponse } from 'node:http';

/** Sent with everything: nothing is guessed from its bytes, nothing is told to other sites. */
export const ALWAYS_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

/** Why a request was not answered with what it asked for. `name` is for programs, `message` for people. */
export interface HttpComplaint {
  readonly status: number;
  readonly name: string;
  readonly message: string;
}

/** Answers with JSON that is not to be kept. */
export function answerJson(
  response: ServerResponse,
  status: number,
  value: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    ...ALWAYS_HEADERS,
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    ...headers,
  });
  response.end(body);
}

export function answerComplaint(
  response: ServerResponse,
  complaint: HttpComplaint,
  headers: Readonly<Record<string, string>> = {},
): void {
  answerJson(response, complaint.status, complaint, headers);
}
