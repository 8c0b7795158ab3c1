// Makes one file, dist/first-part.js, of all that an application loads at once: what registers and rings. The modules it
// is made of stay where they are and pass on what they have from there. Apart they cost 0.7 kB more, since a bundler that
// splits makes a file of its own of every group of them that a late part shares with the first, and small files compress
// badly; and whoever bundles nothing asks for one file in place of forty. What is loaded later stays apart.
import { build } from 'esbuild';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const ONE_FILE = 'first-part.js';
/** Of the wire two constants are needed at once. With them in the file, a page that bundles nothing needs no import map. */
const WIRE_CONSTANTS = path.join(here, 'node_modules/@parley/protocol/src/version.ts');

/** Where a module of the sources lies in what is published, seen from its root. */
const inDist = (/** @type {string} */ file) =>
  path
    .relative(path.join(here, 'src'), path.resolve(here, file))
    .replaceAll(path.sep, '/')
    .replace(/\.ts$/, '.js');

/**
 * The first part as one text, with its source map; and for each module it is made of, by its path in the sources, what
 * is left of it.
 */
export async function bundleFirst() {
  const { metafile } = await bundle({ entryPoints: ['src/index.ts'] });
  const own = Object.keys(metafile.inputs).filter(
    (file) => file.startsWith('src/') && file !== 'src/index.ts',
  );
  const modules = await withExports(own);
  const contents = modules.map(([file, names]) => reexport(names, `./${file}`)).join('');
  const { outputFiles, metafile: made } = await bundle({ stdin: { contents, resolveDir: here } });
  const textOf = (/** @type {RegExp} */ name) => outputFiles.find((file) => name.test(file.path))?.text ?? '';
  const rests = new Map(
    modules.map(([file, names]) => {
      const back = names.map(([own, unique]) => [unique, own]);
      const root = path.posix.relative(path.posix.dirname(file), 'src') || '.';
      return [path.join(here, file), reexport(back, `${root}/${ONE_FILE}`)];
    }),
  );
  const { inputs } = made.outputs[`dist/${ONE_FILE}`];
  return { text: textOf(/\.js$/), map: textOf(/\.map$/), rests, inputs };
}

/** @returns {Promise<import('esbuild').BuildResult<{ metafile: true, write: false }>>} */
function bundle(/** @type {import('esbuild').BuildOptions} */ options) {
  return build({
    ...options,
    absWorkingDir: here,
    outfile: `dist/${ONE_FILE}`,
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    target: 'es2022',
    sourcemap: 'linked',
    sourcesContent: false,
    plugins: [{ name: 'first-only', setup: firstOnly }],
    logLevel: 'warning',
  });
}

/** Leaves outside what is loaded later, and other packages. */
function firstOnly(/** @type {import('esbuild').PluginBuild} */ building) {
  building.onResolve({ filter: /.*/ }, ({ kind, path: name, resolveDir }) => {
    if (kind === 'dynamic-import')
      return { path: `./${inDist(path.resolve(resolveDir, name))}`, external: true };
    if (name === '@parley/protocol') return { path: WIRE_CONSTANTS, sideEffects: false };
    return name.startsWith('@') ? { path: name, external: true, sideEffects: false } : undefined;
  });
}

/** These modules with what each exports, types left out: its own name for it, and one that nothing else has. */
async function withExports(/** @type {readonly string[]} */ files) {
  const { metafile } = await build({
    absWorkingDir: here,
    entryPoints: [...files],
    outdir: 'dist',
    write: false,
    metafile: true,
    format: 'esm',
  });
  const taken = new Set();
  const unique = (/** @type {string} */ own) => {
    let name = own;
    for (let count = 2; taken.has(name); count += 1) name = `${own}${count}`;
    taken.add(name);
    return name;
  };
  return Object.values(metafile.outputs).map(
    ({ entryPoint = '', exports }) =>
      /** @type {const} */ ([entryPoint, exports.map((own) => [own, unique(own)])]),
  );
}

/** Passes on what another module has; each name there, and here. */
function reexport(/** @type {readonly (readonly string[])[]} */ names, /** @type {string} */ from) {
  const list = names.map(([there, as]) => (there === as ? there : `${there} as ${as}`));
  return `export { ${list.join(', ')} } from '${from}';\n`;
}

/** For a build from the sources: does to the first part what publishing does to it. */
export function withBundledFirst(/** @type {Awaited<ReturnType<typeof bundleFirst>>} */ { text, rests }) {
  return {
    name: 'with-bundled-first',
    setup(/** @type {import('esbuild').PluginBuild} */ building) {
      const namespace = 'first-part';
      building.onResolve({ filter: /\/first-part\.js$/ }, () => ({
        path: ONE_FILE,
        namespace,
        sideEffects: false,
      }));
      building.onLoad({ filter: /.*/, namespace }, () => ({
        contents: text,
        resolveDir: path.join(here, 'src'),
      }));
      building.onResolve({ filter: /^\.\/.*\.js$/, namespace }, ({ path: name, kind, resolveDir }) =>
        building.resolve(name.replace(/\.js$/, '.ts'), { kind, resolveDir }),
      );
      building.onLoad({ filter: /\.ts$/, namespace: 'file' }, ({ path: file }) => {
        const contents = rests.get(file);
        return contents === undefined ? undefined : { contents };
      });
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { text, map, rests } = await bundleFirst();
  const dist = (/** @type {string} */ name) => path.join(here, 'dist', name);
  await writeFile(dist(ONE_FILE), text);
  await writeFile(dist(`${ONE_FILE}.map`), map);
  for (const [file, contents] of rests) {
    await writeFile(dist(inDist(file)), contents);
    await rm(dist(`${inDist(file)}.map`), { force: true });
  }
}
