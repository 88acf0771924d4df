/**
 * A refused request may still be on its way. Closing the connection at once would make the client see a reset instead of
 * the answer; so the rest is read and thrown away, within bounds, and then the connection is closed.
 */
import type { IncomingMessage } from "node:http";

export function discardRest(request: IncomingMessage, maxBytes: number, maxMs: number): void {
  if (request.complete || request.destroyed) return;
  let seen = 0;
  const stop = () => request.destroy();
  const timer = setTimeout(stop, maxMs).unref();
  request.on("data", (chunk: Buffer) => {
    seen += chunk.length;
    if (seen > maxBytes) stop();
  });
  request.once("close", () => clearTimeout(timer));
  request.once("error", stop);
  request.resume();
}
