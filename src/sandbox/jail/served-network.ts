/** A jail's network namespace with what Kiln serves in it: the Runtime API, and Kiln's own where that is wanted. */
import { closeSync } from "node:fs";
import type { Server, Socket } from "node:net";
import { type JailSpec, RUNTIME_API_HOST, RUNTIME_API_PORT, RUNTIME_API_SOCKET } from "../contract.ts";
import { createNetwork, type JailNetwork, listenOn } from "../host/netns.ts";
import type { Holdings } from "./holdings.ts";
import { serve } from "./serve.ts";

export interface ServedNetwork {
  network: JailNetwork;
  /** Connections that are open. */
  sockets: Set<Socket>;
  /** Serves one more port of the jail's loopback address. */
  servePort(port: number, accept: (socket: Socket) => void, most?: number): void;
  /** Resolves when everything listens. */
  ready(): Promise<unknown>;
}

/** Connections to the Runtime API's Unix socket. A runtime has one. */
const MOST_LOCAL_CONNECTIONS = 8;

/** @param sharesKernel Whether processes of the jail are processes of the host, so that its Unix sockets are theirs. */
export function serveNetwork(
  { onConnection, kilnApi }: Pick<JailSpec, "onConnection" | "kilnApi">,
  holdings: Holdings,
  sharesKernel: boolean,
): ServedNetwork {
  const network = createNetwork(RUNTIME_API_HOST, RUNTIME_API_PORT, sharesKernel ? RUNTIME_API_SOCKET : undefined);
  holdings.add(() => network.close());
  const sockets = new Set<Socket>();
  const servers: Promise<Server>[] = [];

  function serveOn(listener: number, accept: (socket: Socket) => void, most?: number): void {
    const serving = serve(listener, accept, sockets, most);
    serving.catch(() => closeSync(listener));
    // In parallel with the OCI runtime, which takes longer; a start that fails meanwhile must not leave it open.
    holdings.add(async () => {
      (await serving.catch(() => undefined))?.close();
    });
    servers.push(serving);
  }

  function servePort(port: number, accept: (socket: Socket) => void, most?: number): void {
    serveOn(
      network.inside(() => listenOn(RUNTIME_API_HOST, port)),
      accept,
      most,
    );
  }

  serveOn(network.listener, (socket) => onConnection(socket));
  if (network.localListener !== undefined) {
    serveOn(network.localListener, (socket) => onConnection(socket), MOST_LOCAL_CONNECTIONS);
  }
  if (kilnApi !== undefined) servePort(kilnApi.port, (socket) => kilnApi.onConnection(socket));
  return { network, sockets, servePort, ready: () => Promise.all(servers) };
}
