import { clientAddress } from '../edge/client-address.ts';
import type { HttpExchange, HttpMount } from '../edge/http-edge.ts';
import { ALWAYS_HEADERS, answerComplaint, answerJson } from '../edge/json-answer.ts';
import { RateByKey, type Rate } from '../edge/rate-by-key.ts';
import { docsPage } from './docs-page.ts';
import { describe } from './openapi.ts';
import type { Operation } from './operation.ts';
import { validateRcml } from './rcml-validation.ts';

/** A document may be 64 KiB long; what is longer is to be told so, not cut off. */
const DOCUMENT_BYTES_MAX = 128 * 1024;
const VALIDATIONS: Rate = { perMinute: 120, burst: 60 };

/** What anybody may read without credentials: the description, the page for people, and what is wrong with a document. */
export function createDocsMounts(options: {
  readonly operations: readonly Operation[];
  readonly servers: readonly string[];
  readonly trustProxy?: boolean;
}): readonly HttpMount[] {
  const description = describe(options.operations, options.servers);
  const { html, policy } = docsPage(options.operations);
  const page = Buffer.from(html);
  const rate = new RateByKey(VALIDATIONS);
  return [
    reading('/openapi.json', ({ response }) => answerJson(response, 200, description)),
    reading('/docs', ({ response, request }) => {
      response.writeHead(200, {
        ...ALWAYS_HEADERS,
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Length': page.length,
        'Content-Security-Policy': policy,
        'X-Frame-Options': 'DENY',
        'Cache-Control': 'no-cache',
      });
      response.end(request.method === 'HEAD' ? undefined : page);
    }),
    {
      prefix: '/rcml/validate',
      bodyBytesMax: DOCUMENT_BYTES_MAX,
      async handle({ request, response, body, url }) {
        if (url.pathname !== '/rcml/validate') return answerComplaint(response, NOT_FOUND);
        if (request.method !== 'POST') return answerComplaint(response, NOT_POST, { Allow: 'POST' });
        const waitMs = rate.take(clientAddress(request, options.trustProxy ?? false), performance.now());
        if (waitMs > 0) {
          return answerComplaint(response, TOO_OFTEN, { 'Retry-After': String(Math.ceil(waitMs / 1000)) });
        }
        answerJson(response, 200, validateRcml(body, request.headers['content-type'] ?? ''));
      },
    },
  ];
}

const NOT_FOUND = { status: 404, name: 'not-found', message: 'there is nothing at this path' };
const NOT_GET = { status: 405, name: 'method-not-allowed', message: 'only GET and HEAD are answered here' };
const NOT_POST = { status: 405, name: 'method-not-allowed', message: 'send the document with POST' };
const TOO_OFTEN = { status: 429, name: 'rate-limited', message: 'too many documents were sent' };

function reading(path: string, answer: (exchange: HttpExchange) => void): HttpMount {
  return {
    prefix: path,
    bodyBytesMax: 0,
    async handle(exchange) {
      const { request, response, url } = exchange;
      if (url.pathname !== path) return answerComplaint(response, NOT_FOUND);
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        return answerComplaint(response, NOT_GET, { Allow: 'GET, HEAD' });
      }
      answer(exchange);
    },
  };
}
