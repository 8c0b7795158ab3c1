// Makes each of dist/shell/engine-for-<browser>.js self-contained. Unbundled, an application's bundler would take
// in the whole of mediasoup-client (40 kB gzipped), because RemoteSdp asks the package's index for its version. Bundled
// with that one request answered, and without what no call of ours comes to (`UNUSED` and the lists after it), what one
// browser needs is two fifths of it; and being one file each, they are loaded in one request and compress well.
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const mediasoup = path.dirname(path.dirname(require.resolve('mediasoup-client')));
const { version } = JSON.parse(readFileSync(path.join(mediasoup, 'package.json'), 'utf8'));

/** What the handlers of mediasoup-client use of its emitter, which is Node's: the whole of that is as large as a handler. */
const EMITTER = `
  exports.EnhancedEventEmitter = class {
    listenersByName = new Map();
    on(name, listener) { this.listenersByName.set(name, [...(this.listenersByName.get(name) ?? []), listener]); }
    emit(name, ...payload) { for (const listener of this.listenersByName.get(name) ?? []) listener(...payload); }
    safeEmit(name, ...payload) { this.emit(name, ...payload); }
    close() { this.listenersByName.clear(); }
  };`;

/** Answered in place of modules that would drag in what nobody uses. */
const ANSWERS = {
  version: `exports.version = ${JSON.stringify(version)};`,
  enhancedEvents: EMITTER,
  Logger: 'exports.Logger = class { debug() {} warn() {} error() {} };',
};

/** Methods and functions that no call of ours comes to: data channels, pausing by SDP, levels of H.264 by name. */
const UNUSED = [
  'pauseSending',
  'resumeSending',
  'pauseReceiving',
  'resumeReceiving',
  'setMaxSpatialLayer',
  'setRtpEncodingParameters',
  'getReceiverStats',
  'sendDataChannel',
  'receiveDataChannel',
  'getDataChannelMaxMessageSize',
  'pauseMediaSection',
  'resumeSendingMediaSection',
  'resumeReceivingMediaSection',
  'muxMediaSectionSimulcast',
  'muxSimulcastStreams',
  'sendSctpAssociation',
  'receiveSctpAssociation',
  'validateAndNormalizeSctpStreamParameters',
  'canReceive',
  'deepFreeze',
  'generateRandomNumber',
  'profileToString',
  'levelToString',
  'isSameProfileAndLevel',
  'supportedLevel',
];

/** Lines of SDP that no browser and no SFU of today writes. Where one came all the same, it would be kept as it is. */
const UNUSED_LINES = [
  'control',
  'rtcpFbTrrInt',
  'crypto',
  'connectionType',
  'remoteCandidates',
  'xGoogleFlag',
  'imageattrs',
  'simulcast_03',
  'framerate',
  'sourceFilter',
  'label',
  'sctpmap',
  'tsRefClocks',
  'mediaClk',
  'keywords',
  'content',
  'bfcpFloorCtrl',
  'bfcpConfId',
  'bfcpUserId',
  'bfcpFloorId',
];

/** Their builds are regular: what belongs together ends at the indentation at which it began. */
const CUTS = [
  // A log that writes nothing need not carry what it would say.
  /^[ \t]*(?:this\._)?logger\.(?:debug|warn|error)\((?:(?!\);\n)[\s\S])*\);\n/gm,
  // What TypeScript writes so that CommonJS looks like modules; nothing here needs more than `require`.
  /^var __\w+ = \(this && [\s\S]*?^\}[)(]*;\n/gm,
  /__import(?:Star|Default)(?=\(require)/g,
  // Media sections of data channels.
  /^ {12}case 'application': \{\n[\s\S]*?^ {12}\}\n/gm,
  // What levels of H.264 take: asked for by `supportedLevel` alone.
  /^const LevelConstraints = [\s\S]*?^\];\n/gm,
];

/** Leaves out of a file what is never used; `found` hears of what was there. */
function cut(
  /** @type {string} */ code,
  /** @type {readonly string[]} */ unused,
  /** @type {Set<string>} */ found,
) {
  let rest = CUTS.reduce((before, part) => before.replaceAll(part, ''), code);
  for (const name of unused) {
    const itself = new RegExp(
      `^( *)(?:async )?(?:function )?${name}\\(.*\\) \\{\\n[\\s\\S]*?^\\1\\}\\n`,
      'gm',
    );
    const without = rest.replace(itself, '').replace(`exports.${name} = ${name};\n`, '');
    if (without !== rest) found.add(name);
    rest = without;
  }
  return rest;
}

function cutGrammar(/** @type {string} */ code, /** @type {Set<string>} */ found) {
  return code.replaceAll(/^ {4}\{\n(?: {6}.*\n|\n)*? {4}\},?\n/gm, (rule) => {
    const name = /(?:name|push): ?'(\w+)'/.exec(rule)?.[1] ?? '';
    if (!UNUSED_LINES.includes(name)) return rule;
    found.add(name);
    return '';
  });
}

/** Bundles mediasoup-client without its index, and without what no call of ours comes to. */
function withoutTheRest(/** @type {readonly string[]} */ unused, /** @type {Set<string>} */ found) {
  return {
    name: 'without-the-rest',
    setup(/** @type {import('esbuild').PluginBuild} */ building) {
      // Its index is asked for nothing but the version.
      building.onResolve({ filter: /^[./]+(?:enhancedEvents|Logger)?$/ }, ({ path: name, importer }) =>
        CUT_INTO.test(importer)
          ? { path: name.replace(/^[./]+/, '') || 'version', namespace: 'parley' }
          : undefined,
      );
      building.onLoad({ filter: CUT_INTO }, async ({ path: file }) => ({
        loader: 'js',
        contents: cut(await readFile(file, 'utf8'), unused, found),
      }));
      building.onLoad({ filter: /sdp-transform[\\/]lib[\\/]grammar\.js$/ }, async ({ path: file }) => ({
        loader: 'js',
        contents: cutGrammar(await readFile(file, 'utf8'), found),
      }));
      building.onLoad({ filter: /.*/, namespace: 'parley' }, ({ path: name }) => ({
        loader: 'js',
        contents: ANSWERS[name],
      }));
    },
  };
}

const ENGINE = /shell[\\/]engine-for-\w+\.ts$/;
const CUT_INTO = /(?:mediasoup-client|h264-profile-level-id)[\\/]lib[\\/].*\.js$/;

/**
 * One engine with all it needs. Read from the source and not from what was built, which may have been bundled before: then
 * there would be nothing left to cut. Begins with the licences of those whose work is in it.
 */
async function bundleEngine(/** @type {string} */ file) {
  const found = new Set();
  // Only Safari is sent simulcast in the way of old.
  const unused = file.includes('safari') ? UNUSED : [...UNUSED, 'addLegacySimulcast'];
  const { outputFiles, metafile } = await build({
    entryPoints: [file],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    metafile: true,
    plugins: [withoutTheRest(unused, found)],
    // Its private fields, by their underscore.
    mangleProps: /^_[a-z]/,
    logLevel: 'warning',
  });
  const [{ text }] = outputFiles;
  // After an upgrade of mediasoup-client something may be called by another name, or be in use.
  const missing = [...unused, ...UNUSED_LINES].filter((name) => !found.has(name));
  const inUse = unused.filter((name) => new RegExp(`\\b${name}\\b`).test(text));
  if (missing.length + inUse.length > 0)
    throw new Error(`bundle-engines: not there: ${missing.join(', ')}; in use: ${inUse.join(', ')}`);
  // What the rest of the SDK has as well, an error class first of all, must not exist twice.
  const ours = Object.keys(metafile.inputs).filter((input) => /client[\\/]src[\\/](?!shell)/.test(input));
  if (ours.length > 0) throw new Error(`bundle-engines: would exist twice: ${ours.join(', ')}`);
  return licencesOf(Object.keys(metafile.inputs)) + text;
}

/** What those ask for whose files these are: that their notice goes along. `!` keeps it through minifying. */
function licencesOf(/** @type {readonly string[]} */ files) {
  const folders = files.map((file) => /^.*node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(file)?.[0] ?? '');
  const notices = [...new Set(folders)].filter(Boolean).map((folder) => {
    const { name, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const licence = readFileSync(path.join(folder, 'LICENSE'), 'utf8').replaceAll('*/', '');
    return `/*! Contains parts of ${name} ${version}:\n${licence.trim()}\n*/\n`;
  });
  return notices.join('');
}

/** For a build by esbuild from the sources: does to the engines what publishing does to them. */
export const withBundledEngines = {
  name: 'with-bundled-engines',
  setup(/** @type {import('esbuild').PluginBuild} */ building) {
    building.onLoad({ filter: ENGINE }, async ({ path: file }) => ({
      loader: 'js',
      contents: await bundleEngine(file),
    }));
  },
};

/** The same for a build by Vite. */
export const viteBundledEngines = {
  name: 'with-bundled-engines',
  apply: /** @type {const} */ ('build'),
  enforce: /** @type {const} */ ('pre'),
  load: { filter: { id: ENGINE }, handler: bundleEngine },
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { readdir, writeFile } = await import('node:fs/promises');
  const shell = (/** @type {string} */ folder) => fileURLToPath(new URL(`${folder}/shell`, import.meta.url));
  for (const source of await readdir(shell('src'))) {
    const name = /^(engine-for-\w+)\.ts$/.exec(source)?.[1];
    if (name === undefined) continue;
    const bundled = await bundleEngine(path.join(shell('src'), source));
    await writeFile(path.join(shell('dist'), `${name}.js`), bundled);
  }
}
