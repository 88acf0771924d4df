/** Few rounds on a machine that is never quite quiet: medians, ranges, and a test that needs no assumption about either. */

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

export function spread(values: readonly number[], digits = 1): string {
  return `${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)}`;
}

/** Pairs up to which all orders are counted. */
const EXACT = 900;

/**
 * Mann and Whitney's rank test, exact: how likely it is, if nothing has changed, that the values of the two runs are as far
 * apart as they are. Two-sided; 1 where either has no values.
 */
export function rankTest(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 || b.length === 0) return 1;
  let u = 0;
  for (const x of a) for (const y of b) u += x > y ? 1 : x === y ? 0.5 : 0;
  if (a.length * b.length > EXACT) return normalTail(u, a.length, b.length);
  const counts = orders(a.length, b.length);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const low = Math.min(u, a.length * b.length - u);
  let tail = 0;
  for (let value = 0; value <= Math.floor(low); value += 1) tail += counts[value] ?? 0;
  return Math.min(1, (2 * tail) / total);
}

/** For many values: U is near enough to normally distributed. */
function normalTail(u: number, n: number, m: number): number {
  const z = Math.abs(u - (n * m) / 2) / Math.sqrt((n * m * (n + m + 1)) / 12);
  // Abramowitz and Stegun, 7.1.26, of z / √2.
  const t = 1 / (1 + (0.3275911 * z) / Math.SQRT2);
  const polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.min(1, polynomial * Math.exp((-z * z) / 2));
}

/** How many orders of n and m values give each U, from 0 to n·m. */
function orders(n: number, m: number): number[] {
  // table[j] has the counts for the values so far of the one run and j of the other.
  let table: number[][] = Array.from({ length: m + 1 }, () => [1]);
  for (let i = 1; i <= n; i += 1) {
    const next: number[][] = [[1]];
    for (let j = 1; j <= m; j += 1) {
      const counts = Array.from({ length: i * j + 1 }, () => 0);
      // The largest of all is of the first run, above j others, or of the second.
      (table[j] ?? []).forEach((count, value) => (counts[value + j] = (counts[value + j] ?? 0) + count));
      (next[j - 1] ?? []).forEach((count, value) => (counts[value] = (counts[value] ?? 0) + count));
      next.push(counts);
    }
    table = next;
  }
  return table[m] ?? [1];
}
