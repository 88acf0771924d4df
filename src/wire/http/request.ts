/** One HTTP request as protocols see it: its target taken apart once, its query parsed only when something asks. */
import type { IncomingHttpHeaders } from "node:http";
import { queryParameters } from "../../base/http/query.ts";
import type { RequestHead } from "../../base/http/whole.ts";

export interface WireRequest {
  readonly method: string;
  /** Still percent-encoded, without query. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  /** Name, value, name, value, … as they were sent. */
  readonly rawHeaders: readonly string[];
  /** Address of the connection's other end. */
  readonly sourceIp: string;
  /** The query, decoded. */
  parameters(): URLSearchParams;
}

export function wireRequest(request: RequestHead): WireRequest {
  const target = originForm(request.url ?? "/");
  const mark = target.indexOf("?");
  const query = mark < 0 ? "" : target.slice(mark + 1);
  let parameters: URLSearchParams | undefined;
  return {
    method: request.method ?? "GET",
    path: mark < 0 ? target : target.slice(0, mark),
    query,
    headers: request.headers,
    rawHeaders: request.rawHeaders,
    sourceIp: sourceIpOf(request),
    parameters: () => (parameters ??= queryParameters(query)),
  };
}

/** Proxies send `http://host/path`, which means the same as `/path` (RFC 9112, 3.2.2). */
function originForm(target: string): string {
  if (target.startsWith("/")) return target;
  const scheme = target.indexOf("://");
  if (scheme < 0) return target;
  const rest = target.slice(scheme + 3);
  const start = rest.search(/[/?]/);
  if (start < 0) return "/";
  return rest[start] === "?" ? `/${rest.slice(start)}` : rest.slice(start);
}

/** IPv4 addresses without the form that IPv6 sockets give them. */
export function sourceIpOf({ socket }: Pick<RequestHead, "socket">): string {
  return (socket.remoteAddress ?? "").replace(/^::ffff:(?=\d+\.)/, "");
}

/** First value of a header; undefined without one. */
export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/**
 * `PREFIX.Operation` of X-Amz-Target. Some clients write the namespace of the service's model before it, as those of
 * CloudTrail do: `com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents`.
 */
export function targetOf(headers: IncomingHttpHeaders): string | undefined {
  const target = headerOf(headers, "x-amz-target");
  if (target === undefined || !target.startsWith("com.")) return target;
  return target.slice(target.lastIndexOf(".", target.lastIndexOf(".") - 1) + 1);
}
