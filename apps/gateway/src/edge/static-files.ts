import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { ALWAYS_HEADERS } from './json-answer.ts';

const FILES_MAX = 500;
const BYTES_MAX = 32 * 1024 * 1024;

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.mp3': 'audio/mpeg',
  '.ogg': 'audio/ogg',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.wav': 'audio/wav',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/**
 * What a page of ours may do. Scripts and styles come from here only, nothing is framed, and the microphone, the camera
 * and the screen are for this page alone. `connect-src 'self'` includes the socket of the same host.
 */
const PAGE_HEADERS = {
  ...ALWAYS_HEADERS,
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "media-src 'self' blob: mediastream:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Permissions-Policy': [
    'microphone=(self)',
    'camera=(self)',
    'display-capture=(self)',
    'speaker-selection=(self)',
    'autoplay=(self)',
    'fullscreen=(self)',
    'picture-in-picture=(self)',
    'screen-wake-lock=(self)',
    'geolocation=()',
    'payment=()',
    'usb=()',
  ].join(', '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'X-Frame-Options': 'DENY',
} as const;

interface StaticFile {
  readonly bytes: Buffer;
  /** Absent where packing does not pay. */
  readonly packed: Buffer | undefined;
  readonly type: string;
  readonly etag: string;
  readonly cacheControl: string;
}

/**
 * The files of a built page, held in memory. A path is looked up and never joined to a directory, so there is nothing
 * outside to be reached.
 */
export class StaticFiles {
  readonly #files: ReadonlyMap<string, StaticFile>;

  private constructor(files: ReadonlyMap<string, StaticFile>) {
    this.#files = files;
  }

  /** Reads a directory as it is now. Rejects when there is none, or when it is too large to be a page. */
  static async load(directory: string): Promise<StaticFiles> {
    const files = new Map<string, StaticFile>();
    let bytes = 0;
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      // A name with a dot in front is not part of the page; a link may lead anywhere.
      if (!entry.isFile() || entry.name.startsWith('.')) continue;
      const file = join(entry.parentPath, entry.name);
      const path = file.slice(directory.length).replaceAll('\\', '/').replace(/^\/*/, '/');
      const content = await readFile(file);
      bytes += content.length;
      if (files.size >= FILES_MAX || bytes > BYTES_MAX)
        throw new RangeError(`${directory} is too large to be a page`);
      files.set(path, await staticFile(path, content));
    }
    const index = files.get('/index.html');
    if (index !== undefined) files.set('/', index);
    return new StaticFiles(files);
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  /** Answers a GET or HEAD for a path this has. */
  answer(request: IncomingMessage, response: ServerResponse, path: string): void {
    const file = this.#files.get(path);
    if (file === undefined) throw new Error('the path was not looked up before');
    const headers = {
      ...PAGE_HEADERS,
      ETag: file.etag,
      'Cache-Control': file.cacheControl,
      ...(file.packed === undefined ? {} : { Vary: 'Accept-Encoding' }),
    };
    if (isKnown(request.headers['if-none-match'], file.etag)) {
      response.writeHead(304, headers).end();
      return;
    }
    const packed = acceptsGzip(request.headers['accept-encoding']) ? file.packed : undefined;
    const body = packed ?? file.bytes;
    response.writeHead(200, {
      ...headers,
      'Content-Type': file.type,
      'Content-Length': body.length,
      ...(packed === undefined ? {} : { 'Content-Encoding': 'gzip' }),
    });
    response.end(body);
  }
}

async function staticFile(path: string, bytes: Buffer): Promise<StaticFile> {
  const type = TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream';
  const isText = /^text|json|svg|javascript|wasm/.test(type);
  const packed = isText && bytes.length >= 1024 ? await promisify(gzip)(bytes) : undefined;
  return {
    bytes,
    packed,
    type,
    // Weak, because both encodings have it.
    etag: `W/"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
    // A name with a hash in it never means anything else (Vite's `name-hash.ext`).
    cacheControl: /^\/assets\/.+-[\w-]{8}\.\w+$/.test(path)
      ? 'public, max-age=31536000, immutable'
      : 'no-cache',
  };
}

function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((known) => known.trim() === '*' || known.trim() === etag);
}

function acceptsGzip(acceptEncoding: string | string[] | undefined): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:\s|,|$))/.test(String(acceptEncoding ?? ''));
}
