/** What every engine takes. A breach is a bug of the caller: a RangeError. */

const MAX_KEY_BYTES = 1_024;
const MAX_PAGE = 1_000;

/** Keys, kinds, queue names, groups and deduplication ids. NUL would end a text early in some engines. */
export function checkName(what: string, name: string): void {
  const bytes = Buffer.byteLength(name);
  if (bytes === 0 || bytes > MAX_KEY_BYTES)
    throw new RangeError(`A ${what} has 1 to ${MAX_KEY_BYTES} bytes, not ${bytes}.`);
  checkText(what, name);
}

/** A prefix may be empty. */
export function checkText(what: string, text: string): void {
  if (!text.isWellFormed() || text.includes("\0")) throw new RangeError(`A ${what} is well-formed text without NUL.`);
}

export function checkPageSize(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE)
    throw new RangeError(`A limit is 1 to ${MAX_PAGE}, not ${limit}.`);
}

export function checkDuration(what: string, ms: number): void {
  if (!Number.isFinite(ms) || ms < 0) throw new RangeError(`A ${what} is a number of ms, not ${ms}.`);
}

/** Throws for what JSON cannot hold at its top level (`undefined`, a function). */
export function toJson(value: unknown): string {
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) throw new RangeError("A document is a JSON value.");
  return json;
}
