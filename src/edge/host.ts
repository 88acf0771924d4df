/**
 * Which host a request is for decides what may answer it: a function, or the API. So a request that can be understood in
 * two ways is refused, whatever a proxy before Kiln has made of it (RFC 9112, 3.2).
 */
import type { IncomingMessage } from "node:http";

/** A name with or without port; empty where a client has none to give. */
const authority = /^(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])?(?::\d{1,5})?$/;

/** False for two Host headers, of which Node.js would take the first, and for one that is no host. */
export function hasClearHost({ headers, rawHeaders }: Pick<IncomingMessage, "headers" | "rawHeaders">): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    if (name.length === 4 && name.toLowerCase() === "host") count += 1;
  }
  return count <= 1 && authority.test(headers.host ?? "");
}

/** False where the target names a host as well (`http://host/path`) and it is another one. */
export function isForOneHost({ url = "/", headers }: Pick<IncomingMessage, "url" | "headers">): boolean {
  if (url.startsWith("/") || url === "*") return true;
  const named = /^https?:\/\/([^/?#]*)/i.exec(url)?.[1];
  return named !== undefined && named.toLowerCase() === headers.host?.toLowerCase();
}
