/**
 * Cross-origin requests (https://fetch.spec.whatwg.org/#http-cors-protocol), by the URL's configuration. AWS answers a
 * preflight from the configuration alone; to other answers it adds the configured headers beside those that the
 * function has set (https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-cors).
 */
import type { Cors } from "@aws-sdk/client-lambda";
import type { UrlAnswer } from "./answer.ts";
import { headerOf, type UrlRequest } from "./request.ts";

type Header = readonly [name: string, value: string];

/** What an origin consists of (RFC 6454, 7): it goes back into a header. */
const sendable = /^[\x21-\x7e]{1,300}$/;
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** A browser's question before a request, where the URL has settings to answer it with. */
export function isPreflight(request: UrlRequest, cors: Cors | undefined): boolean {
  return (
    cors !== undefined &&
    request.method === "OPTIONS" &&
    request.headers.has("origin") &&
    request.headers.has("access-control-request-method")
  );
}

export function preflightAnswer(request: UrlRequest, cors: Cors): UrlAnswer {
  const headers: Header[] = [["content-type", "application/json"], ...corsHeaders(request, cors)];
  if (allowedOrigin(request, cors) !== undefined) {
    const methods = allowed(cors.AllowMethods, headerOf(request, "access-control-request-method"));
    const names = allowed(cors.AllowHeaders, headerOf(request, "access-control-request-headers"));
    if (methods !== "") headers.push(["access-control-allow-methods", methods]);
    if (names !== "") headers.push(["access-control-allow-headers", names]);
    if (cors.MaxAge !== undefined) headers.push(["access-control-max-age", String(cors.MaxAge)]);
  }
  return { status: 200, headers, body: Buffer.alloc(0) };
}

/** For every answer. None for requests without an origin, or from one that is not allowed. */
export function corsHeaders(request: UrlRequest, cors: Cors | undefined): Header[] {
  if (cors === undefined || !request.headers.has("origin")) return [];
  const vary: Header = ["vary", "Origin"];
  const origin = allowedOrigin(request, cors);
  if (origin === undefined) return [vary];
  const exposed = (cors.ExposeHeaders ?? []).filter((name) => token.test(name));
  return [
    ["access-control-allow-origin", origin],
    ...(cors.AllowCredentials === true ? [["access-control-allow-credentials", "true"] as const] : []),
    ...(exposed.length === 0 ? [] : [["access-control-expose-headers", exposed.join(",")] as const]),
    vary,
  ];
}

/** The origin itself, also where all are allowed: browsers take no `*` for requests with credentials. */
function allowedOrigin(request: UrlRequest, cors: Cors): string | undefined {
  const origin = headerOf(request, "origin");
  if (origin === undefined || !sendable.test(origin)) return undefined;
  const known = (cors.AllowOrigins ?? []).some((each) => each === "*" || each.toLowerCase() === origin.toLowerCase());
  return known ? origin : undefined;
}

/** The configured list, or what the browser asks for where everything is allowed: it takes no `*` with credentials. */
function allowed(configured: readonly string[] | undefined, asked: string | undefined): string {
  const list = configured ?? [];
  if (!list.includes("*")) return list.filter((name) => token.test(name)).join(",");
  const names = (asked ?? "").split(",").map((name) => name.trim());
  return names.filter((name) => token.test(name)).join(",");
}
