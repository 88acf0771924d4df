/**
 * A refused request may still be on its way. Closing the connection at once would make the client see a reset instead of
 * the answer; so the rest is read and thrown away, within bounds, before the connection is closed.
 */
import type { IncomingMessage } from "node:http";

/** Whether there is a body that has not been read to its end. */
export function hasUnreadBody(request: IncomingMessage): boolean {
  if (request.complete || request.destroyed) return false;
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  return encoding !== undefined || (length !== undefined && length !== "0");
}

/** Resolves when the body has ended, the client has gone, or a bound was reached. */
export function discardBody(request: IncomingMessage, maxBytes: number, maxMs: number): Promise<void> {
  return new Promise((resolve) => {
    let seen = 0;
    const timer = setTimeout(stop, maxMs);
    function stop(): void {
      clearTimeout(timer);
      request.off("data", count).off("end", stop).off("close", stop).off("error", stop);
      resolve();
    }
    function count(chunk: Buffer): void {
      seen += chunk.length;
      if (seen > maxBytes) stop();
    }
    request.on("data", count).once("end", stop).once("close", stop).once("error", stop);
    request.resume();
  });
}
