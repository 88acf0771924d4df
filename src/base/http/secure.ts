import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";

/** True for requests that came over TLS. */
export function isSecure({ socket }: Pick<IncomingMessage, "socket">): boolean {
  return "encrypted" in socket && socket.encrypted === true;
}

/** Of the connection; undefined without TLS. The cipher has the name that RFC 8446 and its forerunners give it. */
export function tlsOf({ socket }: Pick<IncomingMessage, "socket">): { version: string; cipher: string } | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  return { version: socket.getProtocol() ?? "", cipher: socket.getCipher().standardName };
}
