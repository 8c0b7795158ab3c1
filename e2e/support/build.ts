import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');

/** A folder of built pages, which is gone afterwards. */
export class BuiltPages implements Disposable {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'parley-e2e-pages-'));

  /** The pages of tools/packed, built from the packages as they would be published. */
  async packed(): Promise<void> {
    await run(process.execPath, [path.join(REPOSITORY, 'tools/packed/build-pages.mjs'), this.folder]);
  }

  /** Pages of tools/packed that nobody has built, beside the files of the tarball. */
  async unbundled(): Promise<void> {
    const program = path.join(REPOSITORY, 'tools/packed/build-pages.mjs');
    await run(process.execPath, [program, '--unbundled', this.folder]);
  }

  /** The example of `@parley/react`, or of `@parley/vue`. */
  async example(framework: 'react' | 'vue'): Promise<void> {
    const app = path.join(REPOSITORY, `apps/${framework}-example`);
    const vite = path.join(app, 'node_modules/.bin/vite');
    await run(vite, ['build', '--logLevel=warn', '--emptyOutDir', '--outDir', this.folder], app);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function run(command: string, args: readonly string[], cwd = REPOSITORY): Promise<void> {
  await promisify(execFile)(command, args, { cwd });
}
