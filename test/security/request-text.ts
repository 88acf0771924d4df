/** A request written down as HTTP → what Node.js would make of it. */
import type { IncomingHttpHeaders } from "node:http";
import type { RequestHead } from "../../src/security/contract.ts";

export function parseRequest(text: string): RequestHead & { body: Buffer } {
  const [top = "", ...rest] = text.split("\n\n");
  const [requestLine = "", ...lines] = top.split("\n");
  const method = requestLine.slice(0, requestLine.indexOf(" "));
  const target = requestLine.slice(method.length + 1, requestLine.lastIndexOf(" HTTP/"));
  const rawHeaders: string[] = [];
  for (const line of lines) {
    // A line that begins with a blank goes on with the value before it.
    if (line.startsWith(" ")) rawHeaders.push(`${rawHeaders.pop() ?? ""}\n${line}`);
    else rawHeaders.push(line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1));
  }
  const mark = target.indexOf("?");
  return {
    method,
    path: asBytes(mark < 0 ? target : target.slice(0, mark)),
    query: mark < 0 ? "" : asBytes(target.slice(mark + 1)),
    headers: joined(rawHeaders),
    rawHeaders,
    body: Buffer.from(rest.join("\n\n")),
  };
}

/** Node.js gives every byte of a target as one character. */
function asBytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

export function joined(rawHeaders: readonly string[]): IncomingHttpHeaders {
  const headers: Record<string, string> = {};
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? "").toLowerCase();
    const value = rawHeaders[i + 1] ?? "";
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return headers;
}
