/** Page tokens. Opaque to clients; a token that Kiln did not make is refused. */
import { invalidToken } from "./errors.ts";

/** A place between events: going on from it means ids above (forward) or below (backward) this one. */
export interface Position {
  direction: "forward" | "backward";
  id: string;
}

/** As CloudWatch's: `f/` or `b/` and an event id. */
export function eventToken({ direction, id }: Position): string {
  return `${direction === "forward" ? "f" : "b"}/${id}/s`;
}

export function readEventToken(token: string): Position {
  const [, letter, id] = /^([fb])\/(\d{1,56})\/s$/.exec(token) ?? [];
  if (letter === undefined || id === undefined) throw invalidToken();
  return { direction: letter === "f" ? "forward" : "backward", id };
}

/** The id next to this one, `by` is 1 or -1. */
export function neighbour(id: string, by: number): string {
  return String(BigInt(id) + BigInt(by)).padStart(56, "0");
}

/** For lists in a fixed order: the key of the last item that was given. */
export function listToken(key: string): string {
  return Buffer.from(key, "utf8").toString("base64url");
}

export function readListToken(token: string): string {
  if (!/^[A-Za-z0-9_-]+$/.test(token)) throw invalidToken();
  return Buffer.from(token, "base64url").toString("utf8");
}

/** One page of `items`, which are in a fixed order, behind the item with the key that the token names. */
export function page<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  isBehind: (item: T, key: string) => boolean,
  { nextToken, limit }: { nextToken?: string | undefined; limit: number },
): { items: T[]; nextToken?: string } {
  const key = nextToken === undefined ? undefined : readListToken(nextToken);
  const rest = key === undefined ? items : items.filter((item) => isBehind(item, key));
  const given = rest.slice(0, limit);
  const last = given.at(-1);
  if (last === undefined || rest.length === given.length) return { items: given };
  return { items: given, nextToken: listToken(keyOf(last)) };
}
