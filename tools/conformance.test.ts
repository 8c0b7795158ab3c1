// docs/conformance.md says what is tested where; this says that it is true.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { countConformance, LEVELS, UNSEEN } from './conformance.mjs';

const page = readFileSync(path.resolve(import.meta.dirname, '../docs/conformance.md'), 'utf8');
const rows = countConformance();

describe('conformance', () => {
  it('has a rule for each of CL1 to CL12 and C01 to C26', () => {
    const numbers = [
      ...Array.from({ length: 12 }, (_, i) => `CL${i + 1}`),
      ...Array.from({ length: 26 }, (_, i) => `C${String(i + 1).padStart(2, '0')}`),
    ];
    expect(rows.map(({ id }) => id)).toEqual(numbers);
  });

  it('tests each at every level where it can be seen', () => {
    const missing = rows.flatMap((row) =>
      LEVELS.filter((level) => row[level] === 0 && !(level === 'browser' && UNSEEN.has(row.id))).map(
        (level) => `${row.id} ${level}`,
      ),
    );
    expect(missing).toEqual([]);
  });

  it('claims no more tests than there are', () => {
    const claimed = [...page.matchAll(/^\| (CL?\d+) \|.*\| (\d+) \| (\d+) \| (\d+|–.*) \|$/gm)].map(
      ([, id = '', pure, gateway, browser]) => ({
        id,
        pure: Number(pure),
        gateway: Number(gateway),
        browser: Number.parseInt(browser ?? '', 10) || 0,
      }),
    );
    expect(claimed.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
    const exaggerated = claimed.flatMap((claim, index) =>
      LEVELS.filter((level) => claim[level] > (rows[index]?.[level] ?? 0)).map(
        (level) => `${claim.id} ${level}`,
      ),
    );
    expect(exaggerated).toEqual([]);
  });
});
