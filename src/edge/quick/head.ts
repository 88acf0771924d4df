/**
 * Reads the head of a request where it is as clients of the API write it, with what node:http would make of it. All else is
 * no error: undefined leaves it to node:http, which has seen more of the world.
 */
import type { IncomingHttpHeaders } from "node:http";

export interface QuickHead {
  readonly method: "POST";
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: string[];
  /** Bytes of the body. */
  readonly length: number;
}

const FIRST_LINE = /^POST (\/[\x21\x24-\x7e]*) HTTP\/1\.1$/;
const NAME = /^[A-Za-z0-9-]{1,128}$/;
/** What some read otherwise. */
const UNUSUAL_CHARACTER = /[^\x20-\x7e]/;
const SPACE = 32;
const LENGTH = /^\d{1,7}$/;
const HEADERS = 64;
/** They change how what follows is to be read, or may be there several times. */
const UNUSUAL = new Set([
  "expect",
  "http2-settings",
  "proxy-connection",
  "set-cookie",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What clients of the API send, by both ways in which they write it: their own form is found instead of being made anew. */
const COMMON = new Map(
  [
    "accept",
    "accept-encoding",
    "amz-sdk-invocation-id",
    "amz-sdk-request",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "date",
    "host",
    "user-agent",
    "x-amz-client-context",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-invocation-type",
    "x-amz-log-type",
    "x-amz-security-token",
    "x-amz-user-agent",
    "x-amzn-trace-id",
  ].flatMap((name) => [
    [name, name],
    [name.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase()), name],
  ]),
);

/** In lower case; undefined for those that are not for this. */
function keyOf(name: string): string | undefined {
  const common = COMMON.get(name);
  if (common !== undefined) return common;
  const key = name.toLowerCase();
  return NAME.test(name) && !UNUSUAL.has(key) ? key : undefined;
}

/** @param text The head as Latin-1, without the empty line that ends it. */
export function quickHead(text: string): QuickHead | undefined {
  const first = endOfLine(text, 0);
  const url = FIRST_LINE.exec(text.slice(0, first))?.[1];
  if (url === undefined) return undefined;
  const headers: Record<string, string> = {};
  const rawHeaders: string[] = [];
  for (let start = first + 2, end = 0; start <= text.length; start = end + 2) {
    end = endOfLine(text, start);
    const colon = text.indexOf(":", start);
    if (colon < start || colon > end || rawHeaders.length === 2 * HEADERS) return undefined;
    const name = text.slice(start, colon);
    const key = keyOf(name);
    const value = text.slice(text.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1, end);
    if (key === undefined || UNUSUAL_CHARACTER.test(value) || hasOuterBlanks(value)) return undefined;
    // Twice is for whoever knows what that means.
    if (Object.hasOwn(headers, key)) return undefined;
    headers[key] = value;
    rawHeaders.push(name, value);
  }
  const { connection, "content-length": length = "0" } = headers;
  if (headers["host"] === undefined || !LENGTH.test(length)) return undefined;
  if (connection !== undefined && connection.toLowerCase() !== "keep-alive") return undefined;
  return { method: "POST", url, headers, rawHeaders, length: Number(length) };
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf("\r\n", start);
  return end < 0 ? text.length : end;
}

/** White space at either end is no part of a value. */
function hasOuterBlanks(value: string): boolean {
  return value.charCodeAt(0) === SPACE || value.charCodeAt(value.length - 1) === SPACE;
}
