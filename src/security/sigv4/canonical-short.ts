/**
 * The canonical request where it can be written down in one go: no query, each header once, and values as they are signed.
 * Undefined leaves it to the long way, whose text it otherwise is, letter for letter.
 */
import type { RequestHead } from "../contract.ts";
import { canonicalPath } from "./canonical.ts";

/** Printable ASCII, with no blank at either end and no two together. */
const plainValue = /^[!-~]+(?: [!-~]+)*$/;

export function shortCanonicalRequest(
  {
    method,
    path,
    query,
    headers,
    rawHeaders,
  }: Pick<RequestHead, "method" | "path" | "query" | "headers" | "rawHeaders">,
  signedHeaders: readonly string[],
  payloadHash: string,
): string | undefined {
  if (query !== "") return undefined;
  let names = 0;
  for (const name in headers) if (Object.hasOwn(headers, name)) names += 1;
  // As many names as were sent: none came twice.
  if (names * 2 !== rawHeaders.length) return undefined;
  let lines = "";
  for (const name of signedHeaders) {
    const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
    if (typeof value !== "string" || !plainValue.test(value)) return undefined;
    lines += `${name}:${value}\n`;
  }
  return `${method}\n${canonicalPath(path)}\n\n${lines}\n${signedHeaders.join(";")}\n${payloadHash}`;
}
