/**
 * From what a function has returned to an HTTP answer
 * (https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html, "Response payload format").
 */
import { http } from "../../base/http/builtin.ts";
import { MAX_ANSWER_HEADERS } from "./limits.ts";

export interface UrlHead {
  readonly status: number;
  /** In order; a name may come several times. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export interface UrlAnswer extends UrlHead {
  readonly body: Uint8Array;
}

export interface StreamedUrlAnswer extends UrlHead {
  /** Sent as it comes. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Headers that say how the answer travels, and those that name the call: a function does not set them. */
const notItsOwn = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "proxy-connection",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "x-amzn-requestid",
  "x-amzn-trace-id",
]);

const jsonType = "application/json";

/** Undefined for what HTTP cannot carry: AWS answers that with 502, as it does for functions that fail. */
export function answerOf(payload: Uint8Array): UrlAnswer | undefined {
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (isRecord(value) && value["statusCode"] !== undefined) return custom(value);
  // A string is sent without its quotes, everything else as compact JSON, as recorded answers show.
  return inferred(typeof value === "string" ? value : withoutSpaces(text));
}

/** AWS's answer for functions that fail, time out, or return what is no answer. */
export function badGateway(): UrlAnswer {
  return { status: 502, headers: [["content-type", jsonType]], body: Buffer.from("Internal Server Error") };
}

function inferred(body: string): UrlAnswer {
  return { status: 200, headers: [["content-type", jsonType]], body: Buffer.from(body) };
}

function custom(value: Record<string, unknown>): UrlAnswer | undefined {
  const head = headOf(value, jsonType);
  const body = bodyOf(value["body"], value["isBase64Encoded"]);
  return head === undefined || body === undefined ? undefined : { ...head, body };
}

/** Status, headers and cookies that a function sets. Undefined for what HTTP cannot carry. */
export function headOf(value: Record<string, unknown>, type: string): UrlHead | undefined {
  const status = statusOf(value["statusCode"]);
  const headers = headersOf(value["headers"]);
  const cookies = cookiesOf(value["cookies"]);
  if (status === undefined || headers === undefined || cookies === undefined) return undefined;
  const all = [...headers, ...cookies.map((cookie): [string, string] => ["set-cookie", cookie])];
  if (!all.some(([name]) => name === "content-type")) all.unshift(["content-type", type]);
  return all.every(isSendable) && sizeOf(all) <= MAX_ANSWER_HEADERS ? { status, headers: all } : undefined;
}

/** A number, or a string of one: both work on AWS. Final answers only (RFC 9110, 15). */
function statusOf(value: unknown): number | undefined {
  const status = typeof value === "string" && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof status === "number" && Number.isInteger(status) && status >= 200 && status <= 599 ? status : undefined;
}

function headersOf(value: unknown): [string, string][] | undefined {
  if (value === undefined || value === null) return [];
  if (!isRecord(value)) return undefined;
  const headers: [string, string][] = [];
  for (const [name, content] of Object.entries(value)) {
    if (content === null) continue;
    if (typeof content !== "string" && typeof content !== "number" && typeof content !== "boolean") return undefined;
    const lower = name.toLowerCase();
    if (!notItsOwn.has(lower)) headers.push([lower, String(content)]);
  }
  return headers;
}

function cookiesOf(value: unknown): string[] | undefined {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) && value.every((cookie) => typeof cookie === "string") ? value : undefined;
}

function bodyOf(value: unknown, isBase64: unknown): Buffer | undefined {
  if (value === undefined || value === null) return Buffer.alloc(0);
  if (typeof value !== "string") return undefined;
  if (isBase64 !== true) return Buffer.from(value);
  return /^[A-Za-z0-9+/\r\n]*={0,2}\s*$/.test(value) ? Buffer.from(value, "base64") : undefined;
}

function isSendable([name, value]: [string, string]): boolean {
  try {
    http.validateHeaderName(name);
    http.validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

function sizeOf(headers: readonly [string, string][]): number {
  return headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
}

/** The same JSON without the spaces between its tokens; numbers and strings stay as they were written. */
function withoutSpaces(json: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < json.length) {
    const quote = json.indexOf('"', at);
    const end = quote < 0 ? json.length : quote;
    parts.push(json.slice(at, end).replace(/[ \t\r\n]+/g, ""));
    if (quote < 0) break;
    at = endOfString(json, quote);
    parts.push(json.slice(quote, at));
  }
  return parts.join("");
}

/** The place after the closing quote. A search, since an expression would remember every character that it passes. */
function endOfString(json: string, quote: number): number {
  let close = json.indexOf('"', quote + 1);
  while (close > 0 && isEscaped(json, close)) close = json.indexOf('"', close + 1);
  return close < 0 ? json.length : close + 1;
}

function isEscaped(json: string, at: number): boolean {
  let backslashes = 0;
  while (json[at - 1 - backslashes] === "\\") backslashes += 1;
  return backslashes % 2 === 1;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
