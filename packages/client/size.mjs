// What an application pays, gzipped: the part it loads first, which registers and rings, and the whole with audio and
// video. Bundled and minified as an application's own bundler would. Fails above the ceilings, which keep it from growing.
// With `--what`, it also says what is in the first part.
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { withoutIndex } from './bundle-media.mjs';

// The aim of the first part is not reached. What is left in it registers, rings, refuses and places a call by itself:
// the connection with its outbox and resume 3 kB, a call and its store 4, the errors with their advice 1.3, and frames
// that are checked before they are believed 1. Less would mean a phone that cannot ring until another file has come.
const PARTS = {
  'registered and ringing': { aim: 15, ceiling: 17.5 },
  'with audio and video': { aim: 48, ceiling: 48 },
};

const { outputFiles, metafile } = await build({
  stdin: {
    contents: "export { Device } from './src/index.ts';",
    resolveDir: fileURLToPath(new URL('.', import.meta.url)),
  },
  absWorkingDir: fileURLToPath(new URL('.', import.meta.url)),
  bundle: true,
  splitting: true,
  minify: true,
  metafile: true,
  format: 'esm',
  target: 'es2022',
  outdir: 'size',
  write: false,
  conditions: ['@parley/source'],
  // The published package has this done to it already; here the sources are measured, so that no build is needed first.
  plugins: [withoutIndex],
});

const first = withStaticImports('size/stdin.js');
const measured = {
  'registered and ringing': kilobytes(first),
  'with audio and video': kilobytes(Object.keys(metafile.outputs)),
};

if (process.argv.includes('--what')) {
  const parts = first.flatMap((name) => Object.entries(metafile.outputs[name].inputs));
  for (const [name, { bytesInOutput }] of parts.toSorted(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput))
    console.log(`${String(bytesInOutput).padStart(6)} bytes, minified  ${name}`);
}
for (const [name, { aim, ceiling }] of Object.entries(PARTS)) {
  const kilobytesNow = measured[name];
  const verdict = kilobytesNow <= aim ? 'reached' : `not reached, ceiling ${ceiling}`;
  console.log(`${name.padEnd(24)} ${kilobytesNow.toFixed(1)} kB (aim ${aim}: ${verdict})`);
  if (kilobytesNow > ceiling) process.exitCode = 1;
}

/** A chunk and all that is loaded with it, without what it loads later. */
function withStaticImports(name, found = new Set()) {
  if (found.has(name)) return [];
  found.add(name);
  for (const { path, kind } of metafile.outputs[name].imports)
    if (kind === 'import-statement') withStaticImports(path, found);
  return [...found];
}

function kilobytes(names) {
  const files = names.map((name) => outputFiles.find(({ path }) => path.endsWith(`/${name}`)));
  return files.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0) / 1000;
}
