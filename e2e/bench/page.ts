import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';

/** A page as it is served. */
export interface BuiltPage {
  readonly html: string;
  readonly script: string;
}

/** What is measured is how calls are set up, so both flows have the same bare page around them. */
const HTML = `<!doctype html><meta charset="utf-8"><title>Set-up time</title><body>
<video autoplay playsinline muted width="640" height="360"></video><audio autoplay></audio>
<button data-testid="call-video">Video call</button>
<div data-testid="incoming" hidden><button data-testid="accept-video">Accept video</button></div>
<button data-testid="hangup">Hang up</button><script src="/page.js"></script></body>`;

/** Bundles one of this folder's scripts into a page. */
export async function buildPage(script: string): Promise<BuiltPage> {
  const { outputFiles } = await build({
    entryPoints: [path.join(import.meta.dirname, script)],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2023',
    conditions: ['@parley/source'],
  });
  return { html: HTML, script: outputFiles[0]?.text ?? '' };
}

/** A page in a folder, for a server that serves files. */
export class PageFolder implements Disposable {
  readonly path = mkdtempSync(path.join(tmpdir(), 'parley-bench-page-'));

  constructor({ html, script }: BuiltPage) {
    writeFileSync(path.join(this.path, 'index.html'), html);
    writeFileSync(path.join(this.path, 'page.js'), script);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
