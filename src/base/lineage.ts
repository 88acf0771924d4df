/**
 * The member `Lineage` of a trace header, by which recursive loops are found: which functions a chain of requests has
 * passed through, and how often (https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html). SDKs hand a
 * function's trace header on with every request that the function makes. Its text, as AWS writes it:
 * `Lineage=1:a87bd80c:1|68fd508a:5`: a format, and then functions with the number of their earlier invocations.
 */
import { hash } from "node:crypto";
import type { Scope } from "./scope.ts";

/** AWS stops the next one after about so many invocations of a function in one chain. */
export const MOST_INVOCATIONS = 16;

/** Functions of a chain that are counted: the earliest are forgotten. */
const MAX_FUNCTIONS = 64;
/** What is longer has no lineage that anybody wrote for us. */
const MAX_HEADER = 4096;
const MEMBER = "Lineage=";
const lineage = /^(?:\d{1,9}:)?([0-9a-f]{8}:\d{1,9}(?:\|[0-9a-f]{8}:\d{1,9})*)$/;

/** Eight hexadecimal digits that stand for a function. */
export function lineageId({ account, region }: Scope, functionName: string): string {
  return hash("sha256", `${account}/${region}/${functionName}`, "hex").slice(0, 8);
}

/** The functions of a header and their numbers, as text; empty where it has none. */
export function lineageOf(header: string | undefined): string {
  if (header === undefined || header.length > MAX_HEADER) return "";
  const member = header.split(";").find((part) => part.startsWith(MEMBER));
  return lineage.exec(member?.slice(MEMBER.length) ?? "")?.[1] ?? "";
}

/** Of several chains that go on as one: each function with its highest number. */
export function mergedLineage(texts: Iterable<string>): string {
  const highest = new Map<string, number>();
  for (const entry of [...texts].flatMap((text) => text.split("|"))) {
    const [id = "", number = ""] = entry.split(":");
    if (id !== "") highest.set(id, Math.max(highest.get(id) ?? 0, Number(number)));
  }
  return [...highest].map(([id, number]) => `${id}:${number}`).join("|");
}

export interface Descent {
  /** For the function: the header with this invocation of it counted. */
  header: string;
  /** Earlier invocations of it in this chain. */
  earlier: number;
}

/** One more invocation of the function with this id. */
export function descend(header: string, id: string): Descent {
  // Nearly every call is the first of its chain.
  if (!header.includes(MEMBER)) return { header: `${header};${MEMBER}1:${id}:0`, earlier: 0 };
  const known = lineageOf(header)
    .split("|")
    .filter((entry) => entry !== "");
  const own = known.find((entry) => entry.startsWith(`${id}:`));
  const earlier = own === undefined ? 0 : Number(own.slice(id.length + 1)) + 1;
  const others = known.filter((entry) => entry !== own).slice(1 - MAX_FUNCTIONS);
  return { header: withLineage(header, [...others, `${id}:${earlier}`].join("|")), earlier };
}

/** The header with this lineage instead of its own; empty: with none. */
export function withLineage(header: string, text: string): string {
  const members = header.split(";").filter((part) => !part.startsWith(MEMBER));
  return text === "" ? members.join(";") : [...members, `${MEMBER}1:${text}`].join(";");
}
