/** Pages of IAM's lists: a marker that means nothing to callers, and up to 100 items unless they ask for others. */
import { validation } from "../../identity/index.ts";

interface Wanted {
  Marker?: string | undefined;
  MaxItems?: number | undefined;
}

const USUAL = 100;

export function pageOf({ Marker, MaxItems = USUAL }: Wanted): { limit: number; after: string | undefined } {
  return { limit: MaxItems, after: Marker === undefined ? undefined : readMarker(Marker) };
}

export function shownPage({ next }: { next?: string }): { IsTruncated: boolean; Marker?: string } {
  return next === undefined ? { IsTruncated: false } : { IsTruncated: true, Marker: marker(next) };
}

/** A page of what is at hand as a whole. */
export function pageOfList<T>(
  all: readonly T[],
  wanted: Wanted,
): { items: T[]; IsTruncated: boolean; Marker?: string } {
  const { limit, after = "0" } = pageOf(wanted);
  const start = Number(after);
  if (!Number.isInteger(start) || start < 0) throw validation("Invalid Marker.");
  const end = start + limit;
  return { items: all.slice(start, end), ...shownPage(end < all.length ? { next: String(end) } : {}) };
}

function marker(after: string): string {
  return Buffer.from(after).toString("base64url");
}

function readMarker(text: string): string {
  const after = Buffer.from(text, "base64url").toString("utf8");
  if (after === "" || after.includes("\0") || marker(after) !== text) throw validation("Invalid Marker.");
  return after;
}
