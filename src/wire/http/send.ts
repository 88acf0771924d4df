/** Puts an answer on the connection. */
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Answer } from "../protocols/protocol.ts";

/** Resolves when the answer has been handed over. A stream that fails midway cuts the connection, and rejects. */
export async function send(response: ServerResponse, answer: Answer): Promise<void> {
  const { status, headers, body } = answer;
  if (typeof body === "string" || body instanceof Uint8Array) {
    if (status !== 204) headers["content-length"] = String(Buffer.byteLength(body));
    response.writeHead(status, headers);
    response.end(body.length === 0 ? undefined : body);
    return;
  }
  response.writeHead(status, headers);
  await pipeline(Readable.from(body, { objectMode: false }), response);
}
