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
/** Without white space at either end, which is not part of a value, and without anything that some read otherwise. */
const UNUSUAL_VALUE = /[^\x20-\x7e]|^ | $/;
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

/** @param text The head as Latin-1, without the empty line that ends it. */
export function quickHead(text: string): QuickHead | undefined {
  const lines = text.split("\r\n");
  const url = FIRST_LINE.exec(lines[0] ?? "")?.[1];
  if (url === undefined || lines.length > HEADERS + 1) return undefined;
  const headers: Record<string, string> = {};
  const rawHeaders: string[] = [];
  for (let index = 1; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon));
    if (!NAME.test(name)) return undefined;
    const value = line.slice(line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1);
    const key = name.toLowerCase();
    // Twice is for whoever knows what that means.
    if (UNUSUAL_VALUE.test(value) || UNUSUAL.has(key) || Object.hasOwn(headers, key)) return undefined;
    headers[key] = value;
    rawHeaders.push(name, value);
  }
  const { connection, "content-length": length = "0" } = headers;
  if (headers["host"] === undefined || !LENGTH.test(length)) return undefined;
  if (connection !== undefined && connection.toLowerCase() !== "keep-alive") return undefined;
  return { method: "POST", url, headers, rawHeaders, length: Number(length) };
}
