// What an application pays, gzipped: the part that registers and rings, and the whole with audio and video. Bundled and
// minified as an application's own bundler would, from the built package. Fails above the aims.
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { withoutIndex } from './bundle-media.mjs';

const AIMS = { 'registered and ringing': 15, 'with audio and video': 48 };

const { outputFiles } = await build({
  stdin: {
    contents: "export { Device } from './src/index.ts';",
    resolveDir: fileURLToPath(new URL('.', import.meta.url)),
  },
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  outdir: 'size',
  write: false,
  conditions: ['@parley/source'],
  // The published package has this done to it already; here the sources are measured, so that no build is needed first.
  plugins: [withoutIndex],
});

const kilobytes = (files) =>
  files.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0) / 1000;
const lazy = outputFiles.filter(({ path }) => /sfu-handlers|call-media|browser-media/.test(path));
const first = outputFiles.filter((file) => !lazy.includes(file));
const measured = {
  'registered and ringing': kilobytes(first),
  'with audio and video': kilobytes(outputFiles),
};

for (const [name, aim] of Object.entries(AIMS)) {
  const isMet = measured[name] <= aim;
  console.log(`${name.padEnd(24)} ${measured[name].toFixed(1)} kB (aim ${aim})${isMet ? '' : '  ABOVE'}`);
  if (!isMet) process.exitCode = 1;
}
