/** Sockets that the host listens on inside a jail's network namespace. */
import { createServer, type Server, type Socket } from "node:net";

/** More than a runtime and its extensions use. Each costs the worker a descriptor, and the jail decides how many it opens. */
const MOST_CONNECTIONS = 32;

/** Serves a listening socket; `sockets` has the connections that are open. */
export async function serve(
  listener: number,
  accept: (socket: Socket) => void,
  sockets: Set<Socket>,
  most = MOST_CONNECTIONS,
): Promise<Server> {
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    accept(socket);
  });
  server.maxConnections = most;
  // A jail that does not end is no reason not to end.
  server.unref();
  await new Promise<void>((resolve, reject) => {
    // Also for later ones: a connection that could not be accepted is the jail's loss alone.
    server.on("error", reject);
    server.listen({ fd: listener }, resolve);
  });
  return server;
}
