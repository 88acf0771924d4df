import type { IncomingMessage } from "node:http";

/** True for requests that came over TLS. */
export function isSecure({ socket }: Pick<IncomingMessage, "socket">): boolean {
  return "encrypted" in socket && socket.encrypted === true;
}
