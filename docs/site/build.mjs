// Builds the documentation: every guide in docs/guides, and the reference of the published packages. The result is a
// folder of files in docs/site/dist that needs no server, no network and no build of the packages.
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Application } from 'typedoc';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const GUIDES = path.join(HERE, '../guides');
const PAGES = path.join(HERE, 'pages');

/** First what one reads first; the rest follows by name. */
const ORDER = ['quick-start', 'tokens', 'incoming-calls', 'video', 'react', 'vue', 'testing'];

process.chdir(HERE);
await rm(PAGES, { recursive: true, force: true });
await mkdir(PAGES);
const names = (await readdir(GUIDES)).filter((name) => name.endsWith('.md')).map((name) => name.slice(0, -3));
for (const name of names) await copyGuide(name);
await cp(path.join(GUIDES, '../images'), path.join(HERE, 'images'), { recursive: true });
const home = await readFile(path.join(HERE, 'home.md'), 'utf8');
await writeFile(path.join(PAGES, 'home.md'), home);

const application = await Application.bootstrapWithPlugins({
  options: path.join(HERE, 'typedoc.json'),
  readme: path.join(PAGES, 'home.md'),
  projectDocuments: names.toSorted(byOrder).map((name) => path.join(PAGES, `${name}.md`)),
  out: path.join(HERE, 'dist'),
});
const project = await application.convert();
if (project === undefined) process.exit(1);
application.validate(project);
await application.generateOutputs(project);
for (const folder of [PAGES, path.join(HERE, 'images')]) await rm(folder, { recursive: true, force: true });
if (application.logger.hasErrors() || application.logger.hasWarnings()) process.exitCode = 1;

/** A guide is named by its heading, which the generator wants to be told beforehand. */
async function copyGuide(/** @type {string} */ name) {
  const text = await readFile(path.join(GUIDES, `${name}.md`), 'utf8');
  const heading = /^# (.+)$/m.exec(text);
  if (heading === null) throw new Error(`docs/guides/${name}.md does not begin with a heading`);
  // What is beside the guides, in the repository, is named and not linked: the site has only itself.
  const linked = text.replaceAll(/\[([^\]]+)\]\((\.\.\/(?!images\/)[^)]*)\)/g, '$1');
  await writeFile(
    path.join(PAGES, `${name}.md`),
    `---\ntitle: ${JSON.stringify(heading[1])}\n---\n${linked}`,
  );
}

function byOrder(/** @type {string} */ a, /** @type {string} */ b) {
  const [first, second] = [ORDER.indexOf(a), ORDER.indexOf(b)];
  if (first === -1 && second === -1) return a.localeCompare(b);
  return (first === -1 ? ORDER.length : first) - (second === -1 ? ORDER.length : second);
}
