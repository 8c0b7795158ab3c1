// What the repository promises about itself, and no compiler or linter checks.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const REPOSITORY = path.resolve(import.meta.dirname, '..');

const NOT_OURS = new Set(['.git', 'node_modules', 'dist', 'coverage', 'test-results', 'playwright-report']);
const TEXT =
  /\.(ts|mts|mjs|js|vue|json|jsonc|md|css|html|svg|yaml|yml|txt|sh|cmake|h|xml)$|(^|\/)(run|\.npmrc|\.gitignore)$/;
const SOURCE = /\.(ts|vue|mjs|css|html|h)$/;
const TEST = /\.(test|spec)\.ts$/;
/** Contract suites are tests that each implementer of a port runs; they live with the testkit. */
const CONTRACT = /^packages\/testkit\/src\/.*\.ts$/;

const LINES_OF_CODE_MAX = 400;
/** Files that are longer, how long they may be, and why. The number may only go down. */
const LONGER: Record<string, { max: number; why: string }> = {};

const files = walk('').filter((file) => TEXT.test(file));

describe('rules and tests', () => {
  const rules = specifiedRules();
  const named = testedRules();

  it('gives every rule of docs/spec a number of its own', () => {
    expect(rules.duplicates).toEqual([]);
  });

  it('names every rule of docs/spec in the title of a test', () => {
    expect(
      [...rules.places].filter(([id]) => !named.has(id)).map(([id, place]) => `${id} (${place})`),
    ).toEqual([]);
  });

  it('finds every rule that a test names in docs/spec', () => {
    expect(
      [...named].filter(([id]) => !rules.places.has(id)).map(([id, place]) => `${id} (${place})`),
    ).toEqual([]);
  });
});

describe('the list of features', () => {
  it('names rules that exist', () => {
    const text = readFileSync(path.join(REPOSITORY, 'docs/features.md'), 'utf8');
    const { places } = specifiedRules();
    const named = [...text.matchAll(/\b[A-Z]{1,2}\d+\b/g)].map(([id]) => id);
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((id) => !places.has(id))).toEqual([]);
  });
});

describe('sources', () => {
  const sources = files.filter((file) => SOURCE.test(file));

  it('holds nothing half-built: no note to do it later', () => {
    // Written so that this line does not match itself.
    expect(mentions(sources, /\b(TO[D]O|FIX[M]E|XX[X])\b/)).toEqual([]);
  });

  it('runs every test that is written', () => {
    const tests = sources.filter((file) => TEST.test(file) || CONTRACT.test(file));
    expect(
      mentions(tests, /\b(it|test|describe|suite)(\.\w+)*\.(skip|only|todo|fixme|fails|skipIf|runIf)\b/),
    ).toEqual([]);
  });

  it(`keeps every source file under ${LINES_OF_CODE_MAX} lines of code`, () => {
    const tooLong = sources
      .filter((file) => /(^|\/)(src|tools)\/.*\.(ts|mjs)$/.test(file) && !TEST.test(file))
      .map((file) => ({ file, lines: linesOfCode(read(file)) }))
      .filter(({ file, lines }) => lines > (LONGER[file]?.max ?? LINES_OF_CODE_MAX));
    expect(tooLong).toEqual([]);
  });

  it('lists only files that are longer as longer', () => {
    const stale = Object.keys(LONGER).filter(
      (file) => !files.includes(file) || linesOfCode(read(file)) <= LINES_OF_CODE_MAX,
    );
    expect(stale).toEqual([]);
  });
});

describe('everything that is committed', () => {
  it('names no folder of the machine it was written on', () => {
    expect(mentions(files, /(?<![\w.\-/}])\/(work|farm|root|home|Users)\/\w/)).toEqual([]);
  });

  it('names no package registry', () => {
    expect(
      mentions(files, /registry\.(npmjs|yarnpkg|npmmirror)|npm\.pkg\.|verdaccio|artifactory/i, [
        'tools/tidy.test.ts',
      ]),
    ).toEqual([]);
  });

  it('has a lockfile without addresses', () => {
    expect(mentions(['pnpm-lock.yaml'], /\w+:\/\/|tarball:/)).toEqual([]);
  });
});

describe('packages', () => {
  const packages = ['packages', 'apps'].flatMap((parent) =>
    readdirSync(path.join(REPOSITORY, parent)).map((name) => `${parent}/${name}`),
  );

  it('begins every package with a README', () => {
    expect(packages.filter((folder) => !files.includes(`${folder}/README.md`))).toEqual([]);
  });
});

/** Rules are written `**DL4**` at the beginning of a line, a list item or a table row. */
function specifiedRules() {
  const places = new Map<string, string>();
  const duplicates: string[] = [];
  for (const file of files.filter((name) => name.startsWith('docs/spec/'))) {
    for (const [, id] of read(file).matchAll(/^[\s|*-]*\*\*([A-Z]{1,3}\d+)\b[^*]*\*\*/gm)) {
      if (id === undefined) continue;
      if (places.has(id)) duplicates.push(`${id} (${places.get(id)} and ${file})`);
      places.set(id, file);
    }
  }
  return { places, duplicates };
}

/** A test's title begins with its rule, or its rules, each in brackets. */
function testedRules() {
  const places = new Map<string, string>();
  for (const file of files.filter((name) => TEST.test(name) || CONTRACT.test(name))) {
    for (const [title] of read(file).matchAll(/['"`](\[[A-Z]{1,3}\d+\][\s,]*)+/g)) {
      for (const [, id] of title.matchAll(/\[([A-Z]{1,3}\d+)\]/g)) if (id) places.set(id, file);
    }
  }
  return places;
}

/** `file:line` of every line that matches. */
function mentions(among: string[], pattern: RegExp, except: string[] = []): string[] {
  return among
    .filter((file) => !except.includes(file))
    .flatMap((file) =>
      read(file)
        .split('\n')
        .flatMap((line, index) =>
          pattern.test(line) ? [`${file}:${index + 1} ${line.trim().slice(0, 120)}`] : [],
        ),
    );
}

/** Lines that are neither empty nor only a comment. */
function linesOfCode(text: string): number {
  const withoutBlocks = text.replaceAll(/^\s*\/\*[\s\S]*?\*\/\s*$/gm, '');
  return withoutBlocks.split('\n').filter((line) => !/^\s*(\/\/.*)?$/.test(line)).length;
}

function read(file: string): string {
  return readFileSync(path.join(REPOSITORY, file), 'utf8');
}

/** Every file that is ours, as a path from the repository's root. It asks no git: an unpacked archive has none. */
function walk(folder: string): string[] {
  return readdirSync(path.join(REPOSITORY, folder), { withFileTypes: true }).flatMap((entry) => {
    const place = path.posix.join(folder, entry.name);
    if (NOT_OURS.has(entry.name) || place === 'data') return [];
    return entry.isDirectory() ? walk(place) : [place];
  });
}
