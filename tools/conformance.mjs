// Counts the tests that name each of CL1–CL12 and C01–C26, at each level, and writes docs/conformance.md: `node tools/conformance.mjs`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = path.resolve(import.meta.dirname, '..');
const PAGE = path.join(REPOSITORY, 'docs/conformance.md');

/** @typedef {'pure' | 'gateway' | 'browser'} Level */
/** @typedef {{ id: string, title: string, pure: number, gateway: number, browser: number }} Row */

/** @type {readonly Level[]} */
export const LEVELS = ['pure', 'gateway', 'browser'];

/** What no person sees or hears, and why. */
export const UNSEEN = new Map([
  ['CL5', 'which callbacks are fired'],
  ['CL10', 'that nothing is queued'],
  ['C02', 'which callbacks are fired'],
  ['C04', 'how callbacks are asked'],
  ['C06', 'how many callbacks are fired'],
  ['C08', 'what the action is told'],
]);

/** @returns {Row[]} */
export function countConformance() {
  const titles = ['docs/spec/client-noun.md', 'docs/spec/conformance.md'].flatMap((file) =>
    [
      ...readFileSync(path.join(REPOSITORY, file), 'utf8').matchAll(
        /^- \*\*(CL\d+|C[01]\d|C2[0-6])\*\* (.*)$/gm,
      ),
    ].map(([, id = '', title = '']) => ({ id, title: title.split(/(?<=\.) /)[0] ?? '' })),
  );
  /** @type {Map<string, Row>} */
  const rows = new Map(titles.map(({ id, title }) => [id, { id, title, pure: 0, gateway: 0, browser: 0 }]));
  for (const [folder, level] of /** @type {const} */ ([
    ['packages', 'pure'],
    ['apps/gateway/test', 'gateway'],
    ['e2e/specs', 'browser'],
  ])) {
    for (const file of readdirSync(path.join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.(test|spec)\.ts$/.test(file) || /(^|\/)(node_modules|dist)\//.test(file)) continue;
      const text = readFileSync(path.join(REPOSITORY, folder, file), 'utf8');
      for (const [title] of text.matchAll(/['"`](\[[A-Z]{1,3}\d+\][\s,]*)+/g)) {
        for (const [, id = ''] of title.matchAll(/\[(CL?\d+)\]/g)) {
          const row = rows.get(id);
          if (row !== undefined) row[level] += 1;
        }
      }
    }
  }
  return [...rows.values()];
}

/** @param {readonly Row[]} rows */
export function conformancePage(rows) {
  const cell = (/** @type {Row} */ row, /** @type {Level} */ level) =>
    level === 'browser' && row[level] === 0 && UNSEEN.has(row.id)
      ? `– (${UNSEEN.get(row.id)})`
      : String(row[level]);
  const lines = rows.map(
    (row) => `| ${row.id} | ${row.title} | ${LEVELS.map((level) => cell(row, level)).join(' | ')} |`,
  );
  const total = (/** @type {Level} */ level) => rows.filter((row) => row[level] > 0).length;
  return [
    '# Conformance: what is tested where',
    '',
    'The promises of the client noun (CL, [client-noun.md](spec/client-noun.md)) and the cases that can be read out of RestComm’s own',
    'tests (C, [conformance.md](spec/conformance.md)), with the number of tests that carry each number in their title: of the pure',
    'machines (virtual clock), of a gateway that runs (sockets, a web server, the SDK as it ships), and in real browsers through the',
    'real SFU. A dash is something that no person sees or hears. `node tools/conformance.mjs` counts again; a test compares.',
    '',
    '| | | pure | gateway | browser |',
    '|---|---|---|---|---|',
    ...lines,
    '',
    `Of ${rows.length}: ${LEVELS.map((level) => `${total(level)} ${level}`).join(', ')}.`,
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(PAGE, conformancePage(countConformance()));
