/**
 * The name that was probably meant, or undefined when none is close. A difference in case alone counts as
 * nothing; otherwise one slip is forgiven in a short name and two in a longer one.
 */
export function nearestName(written: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let nearestSlips = written.length <= 4 ? 1.5 : 2.5;
  for (const name of known) {
    const slips = written.toLowerCase() === name.toLowerCase() ? 0 : countSlips(written, name);
    if (slips < nearestSlips) {
      nearest = name;
      nearestSlips = slips;
    }
  }
  return nearest;
}

/** Letters added, left out, replaced or swapped with their neighbour (optimal string alignment). */
function countSlips(a: string, b: string): number {
  // The rows below cost length times length, and a name that is far longer is not a slip of this one.
  if (Math.abs(a.length - b.length) > 2) return Infinity;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let slips = Math.min(cell(last, j) + 1, cell(row, j - 1) + 1, cell(last, j - 1) + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        slips = Math.min(slips, cell(beforeLast, j - 2) + 1);
      }
      row.push(slips);
    }
    beforeLast = last;
    last = row;
  }
  return cell(last, b.length);
}

function cell(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
