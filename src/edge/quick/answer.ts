/** Writes a whole answer, as node:http would: with a date, a length, and what becomes of the connection. */
import type { Socket } from "node:net";
import { http } from "../../base/http/builtin.ts";
import { sent } from "../../base/memory.ts";
import type { WholeAnswer } from "../../base/http/whole.ts";

/** Up to this size a body is copied behind its head, to be one write. */
const SMALL_BODY_BYTES = 16 * 1024;

let second = 0;
let date = "";

function dateHeader(): string {
  const now = Math.floor(Date.now() / 1000);
  if (now !== second) {
    second = now;
    date = `Date: ${new Date(now * 1000).toUTCString()}\r\n`;
  }
  return date;
}

/** @param keepAliveMs Undefined: the connection ends with this answer. */
export function writeAnswer(
  socket: Socket,
  { status, headers, body }: WholeAnswer,
  keepAliveMs: number | undefined,
): void {
  let head = `HTTP/1.1 ${status} ${http.STATUS_CODES[status] ?? "Unknown"}\r\n`;
  for (const name in headers) head += `${name}: ${headers[name] ?? ""}\r\n`;
  // RFC 9110, 8.6: none with 204.
  if (status !== 204) head += `content-length: ${typeof body === "string" ? Buffer.byteLength(body) : body.length}\r\n`;
  head += dateHeader();
  head +=
    keepAliveMs === undefined
      ? "Connection: close\r\n\r\n"
      : `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1000)}\r\n\r\n`;
  if (typeof body === "string" || body.length <= SMALL_BODY_BYTES) {
    socket.write(joined(head, body));
    return;
  }
  socket.cork();
  socket.write(head, "latin1");
  socket.write(body, (error) => {
    if (error === null || error === undefined) sent(body);
  });
  socket.uncork();
}

function joined(head: string, body: Uint8Array | string): Buffer {
  const length = typeof body === "string" ? Buffer.byteLength(body) : body.length;
  const packet = Buffer.allocUnsafe(head.length + length);
  packet.write(head, "latin1");
  if (typeof body === "string") packet.write(body, head.length, "utf8");
  else packet.set(body, head.length);
  return packet;
}
