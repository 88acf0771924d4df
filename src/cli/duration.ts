import { UsageError } from "./errors.ts";

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `10m`, `2h`, `1d`, or a time like `2026-01-31T12:00:00Z` → ms since the epoch. */
export function readSince(text: string, now: number): number {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return now - Number(count) * (UNITS[unit] ?? 0);
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new UsageError(
      `--since is "${text}": it must be like 90s, 10m, 2h or 1d, or a time like 2026-01-31T12:00:00Z.`,
    );
  }
  return time;
}
