/** Puts an answer on the connection. */
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { http } from "../../base/http/builtin.ts";
import { sent } from "../../base/memory.ts";
import type { WholeAnswer } from "../../base/http/whole.ts";
import type { Answer } from "../protocols/protocol.ts";

/** Resolves when the answer has been handed over. A stream that fails midway cuts the connection, and rejects. */
export async function send(response: ServerResponse, answer: Answer): Promise<void> {
  if (isStream(answer.body)) {
    response.writeHead(answer.status, answer.headers);
    response.flushHeaders();
    await pipeline(Readable.from(answer.body, { objectMode: false }), response);
    return;
  }
  const { body } = answer;
  writeHead(response, answer, body);
  if (typeof body !== "string" && body.length > 0) response.end(body, () => sent(body));
  else response.end(body.length === 0 ? undefined : body);
}

/** The whole answer, and then the end of the connection, but not before `settled`. */
export async function sendAndClose(
  response: ServerResponse,
  answer: Answer,
  settled: () => Promise<void>,
): Promise<void> {
  answer.headers["connection"] = "close";
  if (isStream(answer.body)) return send(response, answer);
  writeHead(response, answer, answer.body);
  if (answer.body.length > 0) response.write(answer.body);
  else response.flushHeaders();
  await settled();
  response.end();
}

/** For whoever writes it without node:http. Throws TypeError for an answer that HTTP cannot carry, and for a stream. */
export function wholeAnswer({ status, headers, body }: Answer): WholeAnswer {
  if (isStream(body)) throw new TypeError("an answer that was to be whole is a stream");
  for (const name in headers) http.validateHeaderValue(name, headers[name] ?? "");
  return { status, headers, body };
}

export function isStream(body: Answer["body"]): body is AsyncIterable<Uint8Array> {
  return typeof body !== "string" && !(body instanceof Uint8Array);
}

/** The length is in the headers, so the client knows the end of the answer when it sees it. */
function writeHead(response: ServerResponse, { status, headers }: Answer, body: string | Uint8Array): void {
  if (status !== 204) headers["content-length"] = String(Buffer.byteLength(body));
  response.writeHead(status, headers);
}
