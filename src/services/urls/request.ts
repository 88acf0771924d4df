/** One request at a function URL, however the client has named the URL. */
import type { IncomingMessage } from "node:http";
import { isSecure } from "../../base/http/secure.ts";

export interface UrlRequest {
  readonly method: string;
  /** Still percent-encoded, begins with a slash; in the form by path without the part that names the URL. */
  readonly path: string;
  /** As it was sent, without the question mark. */
  readonly query: string;
  /** Host name of the URL, without port. */
  readonly domain: string;
  /** Names in lower case, with every value of each in the order of arrival. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** `HTTP/1.1` */
  readonly protocol: string;
  /** Address of the connection's other end. */
  readonly sourceIp: string;
  /** True over TLS. */
  readonly secure: boolean;
  /** Port that the client has connected to. */
  readonly port: number;
  /** ms since the epoch. */
  readonly receivedAt: number;
}

export function urlRequest(
  incoming: IncomingMessage,
  target: { path: string; query: string; domain: string },
  receivedAt: number,
): UrlRequest {
  const { socket } = incoming;
  return {
    ...target,
    method: incoming.method ?? "GET",
    headers: headersOf(incoming.rawHeaders),
    protocol: `HTTP/${incoming.httpVersion}`,
    sourceIp: (socket.remoteAddress ?? "").replace(/^::ffff:(?=\d+\.)/, ""),
    secure: isSecure(incoming),
    port: socket.localPort ?? 80,
    receivedAt,
  };
}

/** Node.js joins or drops repeated headers by rules of its own; the raw list has them all. */
function headersOf(raw: readonly string[]): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? "").toLowerCase();
    const value = raw[index + 1] ?? "";
    const values = headers.get(name);
    if (values) values.push(value);
    else headers.set(name, [value]);
  }
  return headers;
}

/** First value of a header. */
export function headerOf(request: UrlRequest, name: string): string | undefined {
  return request.headers.get(name)?.[0];
}

/** Path and query of a request's target. Proxies send `http://host/path`, which means the same as `/path` (RFC 9112, 3.2.2). */
export function splitTarget(url: string): { path: string; query: string; authority?: string } {
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url);
  const rest = absolute ? url.slice(absolute[0].length) : url;
  const mark = rest.indexOf("?");
  const path = mark < 0 ? rest : rest.slice(0, mark);
  return {
    path: path.startsWith("/") ? path : `/${path}`,
    query: mark < 0 ? "" : rest.slice(mark + 1),
    ...(absolute ? { authority: absolute[1] ?? "" } : {}),
  };
}
