/**
 * The short way for the requests that there are most of. node:http costs twenty of the sixty microseconds that a warm call
 * may cost, nearly all of it for what such a request does not have.
 */
import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { EdgeLimits } from "../limits.ts";
import { refusals, refuseOnSocket } from "../refusal.ts";
import { QuickConnection, type QuickOptions } from "./connection.ts";

const SWEEP_MS = 1000;

export interface Quick {
  /** Ends connections that wait for nothing, and the others with their answer. */
  stop(): void;
  destroy(): void;
}

/** Takes the server's new connections before node:http does, and gives it those that are not for this. */
export function installQuick(
  server: Server,
  limits: EdgeLimits,
  options: Pick<QuickOptions, "takes" | "handle" | "onFault">,
): Quick {
  const connections = new Map<Socket, QuickConnection>();
  const listeners = server.listeners("connection") as ((socket: Socket) => void)[];
  server.removeAllListeners("connection");
  let stopping = false;
  server.on("connection", (socket: Socket) => {
    const forget = (): void => {
      connections.delete(socket);
    };
    socket.once("close", forget);
    const connection = new QuickConnection(socket, {
      ...options,
      headerBytes: limits.headerBytes,
      keepAliveMs: limits.keepAliveMs,
      handOver(left) {
        forget();
        left.off("close", forget);
        for (const listener of listeners) listener.call(server, left);
      },
    });
    connections.set(socket, connection);
    if (stopping) connection.stop();
  });

  // A timer for each connection would have to be set twice for each call.
  const timer = setInterval(
    () => {
      const now = performance.now();
      for (const [socket, connection] of connections) {
        if (connection.busy) continue;
        const quietMs = now - connection.quietSince;
        if (!connection.fresh && quietMs >= limits.keepAliveMs) connection.stop();
        else if (connection.fresh && quietMs >= limits.headersMs) refuseOnSocket(socket, refusals.tooSlow);
      }
    },
    Math.min(SWEEP_MS, limits.headersMs, limits.keepAliveMs),
  ).unref();

  return {
    stop() {
      stopping = true;
      clearInterval(timer);
      for (const connection of connections.values()) connection.stop();
    },
    destroy() {
      for (const connection of connections.values()) connection.destroy();
    },
  };
}
