// Writes dist/errors.html: a paragraph for every error, which `error.docsUrl` points to. It is published with the package,
// so it is always of the right version, and needs neither style nor script.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ADVICE } from './dist/error-advice.js';
import { ERRORS } from './dist/error-table.js';
import { VERSION } from './dist/version.js';

const OUTLOOKS = {
  again: 'Asked again, the same thing could succeed (<code>retryable</code>).',
  over: 'Nothing more happens by itself (<code>fatal</code>).',
};

const paragraphs = Object.entries(ERRORS).map(([name, [code, category, outlook]]) => {
  const [cause, solution] = ADVICE[name];
  const sentences = [cause, solution, outlook && OUTLOOKS[outlook]].filter(Boolean).join(' ');
  return `<h2 id="${name}">${name} <small>${code}, ${category}</small></h2>\n<p>${sentences}</p>`;
});

const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Errors of @parley/client ${VERSION}</title>
<h1>Errors of @parley/client ${VERSION}</h1>
${paragraphs.join('\n')}
</html>
`;

await writeFile(fileURLToPath(new URL('dist/errors.html', import.meta.url)), html);
