/**
 * The resolver of one jail. Its sockets are inside the jail's network namespace, on loopback, so no address of the host
 * is involved; what it asks, it asks the host's resolvers from the host's namespace.
 */
import { closeSync } from "node:fs";
import { createSocket, type Socket as DatagramSocket } from "node:dgram";
import { createServer, type Server, type Socket } from "node:net";
import type { JailNetwork } from "../../netns.ts";
import { datagramSocketOn, listenOn } from "../../netns.ts";
import { emptyAnswer, fitForUdp, functionAnswer, parseQuery, RCODE, type MayReach } from "./message.ts";
import { askResolvers, framed } from "./upstream.ts";

const HOST = "127.0.0.1";
const PORT = 53;

/** As AWS's resolver: 1,024 packets a second for one network interface ("Amazon DNS quotas"). */
const MOST_A_SECOND = 1024;
const WINDOW_MS = 1_000;
/** Questions that are on their way to a resolver: each holds a descriptor of Kiln's. */
const MOST_AT_A_TIME = 64;
const MOST_CONNECTIONS = 8;
const IDLE_MS = 5_000;

export interface ForwarderOptions {
  network: JailNetwork;
  resolvers: () => readonly string[];
}

export interface Forwarder {
  /** What it may be told of; undefined, as at the start: nothing. */
  mayReach: MayReach | undefined;
  close(): void;
}

interface Sockets {
  close(): void;
}

/** Opens its sockets at once. */
export function openForwarder({ network, resolvers }: ForwarderOptions): Forwarder {
  const ending = new AbortController();
  let underWay = 0;
  let used = 0;
  let window: NodeJS.Timeout | undefined;
  let sockets: Sockets | undefined;
  const forwarder: Forwarder = {
    mayReach: undefined,
    close() {
      ending.abort();
      clearTimeout(window);
      sockets?.close();
    },
  };

  /**
   * Reading what a jail sends costs Kiln more than it costs the jail. Who sends too much is not read for the rest of the
   * second: the sockets are gone, and the kernel refuses.
   */
  function spend(): boolean {
    used += 1;
    window ??= setTimeout(nextWindow, WINDOW_MS).unref();
    if (used <= MOST_A_SECOND) return true;
    sockets?.close();
    sockets = undefined;
    return false;
  }

  function nextWindow(): void {
    window = undefined;
    used = 0;
    try {
      sockets ??= open();
    } catch {
      // Kiln itself is short of descriptors: once more in a second.
      window = setTimeout(nextWindow, WINDOW_MS).unref();
    }
  }

  /** Undefined for what is no query. */
  async function respond(bytes: Uint8Array, transport: "udp" | "tcp"): Promise<Uint8Array | undefined> {
    const parsed = parseQuery(bytes);
    if (parsed === undefined) return undefined;
    const { query, rcode } = parsed;
    if (rcode !== undefined) return emptyAnswer(query, rcode);
    const { mayReach } = forwarder;
    if (mayReach === undefined) return emptyAnswer(query, RCODE.refused);
    if (underWay >= MOST_AT_A_TIME) return emptyAnswer(query, RCODE.failed);
    underWay += 1;
    try {
      const answer = await askResolvers(query, transport, resolvers(), ending.signal);
      if (answer === undefined) return emptyAnswer(query, RCODE.failed);
      const message = functionAnswer(query, answer, mayReach);
      return transport === "udp" ? fitForUdp(query, message) : message;
    } finally {
      underWay -= 1;
    }
  }

  function open(): Sockets {
    const [udp, tcp] = network.inside(() => {
      const datagrams = datagramSocketOn(HOST, PORT);
      try {
        return [datagrams, listenOn(HOST, PORT)] as const;
      } catch (error) {
        closeSync(datagrams);
        throw error;
      }
    });
    const ends = [serveUdp(udp, spend, respond), serveTcp(tcp, spend, respond)];
    return { close: () => ends.forEach((end) => end()) };
  }

  sockets = open();
  return forwarder;
}

type Respond = (bytes: Uint8Array, transport: "udp" | "tcp") => Promise<Uint8Array | undefined>;

/** What went wrong with one jail's socket is that jail's loss: it asks again. */
const nobodysError = (): void => undefined;

function serveUdp(fd: number, spend: () => boolean, respond: Respond): () => void {
  const socket: DatagramSocket = createSocket("udp4");
  let open = true;
  socket.on("error", nobodysError);
  socket.on("message", (bytes, { address, port }) => {
    if (!open || !spend()) return;
    void respond(bytes, "udp").then((answer) => {
      if (open && answer !== undefined) socket.send(answer, port, address, nobodysError);
    });
  });
  socket.bind({ fd });
  return () => {
    open = false;
    socket.close();
  };
}

function serveTcp(fd: number, spend: () => boolean, respond: Respond): () => void {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", nobodysError);
    if (spend()) answerInTurn(socket, spend, respond);
    else socket.destroy();
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.on("drop", spend);
  server.on("error", nobodysError);
  server.listen({ fd });
  return () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
}

/** One question after the other; what comes meanwhile waits in the kernel. */
function answerInTurn(socket: Socket, spend: () => boolean, respond: Respond): void {
  let received = Buffer.alloc(0);
  socket.setTimeout(IDLE_MS, () => socket.destroy());

  async function next(): Promise<void> {
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const message = received.subarray(2, 2 + received.readUInt16BE(0));
      received = received.subarray(2 + message.length);
      // oxlint-disable-next-line no-await-in-loop -- In turn.
      const answer = spend() ? await respond(message, "tcp") : undefined;
      if (answer === undefined || socket.destroyed) {
        socket.destroy();
        return;
      }
      socket.write(framed(answer));
    }
    socket.resume();
  }

  socket.on("data", (chunk: Buffer) => {
    socket.pause();
    received = Buffer.concat([received, chunk]);
    void next();
  });
}
