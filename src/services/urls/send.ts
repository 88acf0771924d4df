import type { ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { StreamedUrlAnswer, UrlAnswer } from "./answer.ts";

/** Statuses whose answers have no body (RFC 9110, 6.4.1). */
const withoutBody = new Set([204, 205, 304]);

/**
 * Puts an answer on the connection. Where the request is not read to its end, the connection is closed after the answer,
 * but not before `settled`: closing at once would make the client see a reset.
 */
export async function sendAnswer(
  response: ServerResponse,
  answer: UrlAnswer | StreamedUrlAnswer,
  unread: boolean,
  settled: () => Promise<void>,
): Promise<void> {
  if (isStreamed(answer)) return sendStream(response, answer);
  const body = withoutBody.has(answer.status) ? Buffer.alloc(0) : answer.body;
  const headers = answer.headers.flatMap(([name, value]) => [name, value]);
  if (!withoutBody.has(answer.status)) headers.push("content-length", String(body.byteLength));
  if (unread) headers.push("connection", "close");
  response.writeHead(answer.status, headers);
  if (!unread) {
    response.end(body);
    return;
  }
  if (body.byteLength > 0) response.write(body);
  else response.flushHeaders();
  await settled();
  response.end();
}

function isStreamed(answer: UrlAnswer | StreamedUrlAnswer): answer is StreamedUrlAnswer {
  return !(answer.body instanceof Uint8Array);
}

/**
 * The head goes at once, the pieces as they come. Rejects when the stream breaks off; the connection is cut then, after all
 * that has come before.
 */
async function sendStream(response: ServerResponse, { status, headers, body }: StreamedUrlAnswer): Promise<void> {
  response.writeHead(
    status,
    headers.flatMap(([name, value]) => [name, value]),
  );
  response.flushHeaders();
  await pipeline(wholeUntilItBreaks(body, response), response);
}

/** A stream that is destroyed throws away what waits for a slow reader: an error is passed on when that has gone. */
async function* wholeUntilItBreaks(
  body: AsyncIterable<Uint8Array>,
  response: ServerResponse,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    const { socket } = response;
    if (socket !== null && !socket.destroyed)
      await new Promise<void>((resolve) => void socket.write("", () => resolve()));
    throw error;
  }
}
