import { Socket } from "node:net";
import { RUNTIME_API_HOST } from "../contract.ts";
import type { JailNetwork } from "../host/netns.ts";

/** A socket belongs to the namespace that it was made in, wherever it is connected from. */
export function connectInside(network: JailNetwork, port: number, host = RUNTIME_API_HOST): Socket {
  const socket = new Socket({ fd: network.openSocket(), readable: true, writable: true });
  return socket.connect({ host, port, family: 4 });
}
