/**
 * A network namespace with nothing but loopback in it, and the Runtime API's listening socket opened inside. What else
 * a jail may reach is added later, from the host's side (`network/`).
 *
 * The namespace belongs to the host's user namespace, so nobody in the jail has a right to configure it. It has no
 * name: it lives as long as the descriptor that is kept here and the processes in it, so a killed Kiln leaves none.
 */
import { closeSync, openSync } from "node:fs";
import { messageOf } from "../../base/errors.ts";
import { listenLocally } from "./local-listener.ts";
import { CLONE_NEWNET, bind, ioctl, listen, reuseAddress, setns, socket, unshare } from "./libc.ts";

const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SIOCSIFFLAGS = 0x8914;
const IFF_UP = 1;
const IFF_RUNNING = 0x40;

export interface JailNetwork {
  /** What an OCI runtime joins; valid while this process lives and until `close`. */
  readonly path: string;
  /** The namespace itself; valid until `close`. */
  readonly fd: number;
  /** The listening socket; whoever serves it owns it. */
  readonly listener: number;
  /** A listening Unix socket as well, where a name was given and the kernel can keep it safe; of whoever serves it. */
  readonly localListener: number | undefined;
  /** A TCP socket of the namespace, not connected yet; whoever asked for it owns it. Not after `close`. */
  openSocket(): number;
  /** Runs `work` inside and comes back; it must not await. Not after `close`. */
  inside<T>(work: () => T): T;
  /** Lets go of the namespace, but not of the listener. */
  close(): void;
}

/** struct sockaddr_in of an IPv4 address in dotted form. */
export function socketAddress(host: string, port: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  new Uint16Array(bytes.buffer, 0, 1)[0] = AF_INET;
  view.setUint16(2, port);
  bytes.set(host.split(".").map(Number), 4);
  return bytes;
}

function bringLoopbackUp(): void {
  const request = new Uint8Array(40);
  request.set(Buffer.from("lo"));
  new Uint16Array(request.buffer, 16, 1)[0] = IFF_UP | IFF_RUNNING;
  const fd = socket(AF_INET, SOCK_DGRAM);
  try {
    ioctl(fd, SIOCSIFFLAGS, request);
  } finally {
    closeSync(fd);
  }
}

/** A stream socket that listens, in the current namespace. */
export function listenOn(host: string, port: number): number {
  const fd = socket(AF_INET, SOCK_STREAM);
  try {
    reuseAddress(fd);
    bind(fd, socketAddress(host, port));
    listen(fd, 128);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return fd;
}

/** A datagram socket, in the current namespace. */
export function datagramSocketOn(host: string, port: number): number {
  const fd = socket(AF_INET, SOCK_DGRAM);
  try {
    bind(fd, socketAddress(host, port));
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return fd;
}

/**
 * Enters another network namespace for the length of `work`, and comes back whatever happens. It must not await: other
 * work of this thread would run in the wrong namespace. If the way back fails, this process would go on in a jail's
 * network: it aborts.
 */
function elsewhere<T>(enter: () => void, work: () => T): T {
  const home = openSync("/proc/thread-self/ns/net", "r");
  try {
    enter();
    try {
      return work();
    } finally {
      try {
        setns(home, CLONE_NEWNET);
      } catch (error) {
        process.stderr.write(`kiln: cannot return to the host's network namespace: ${messageOf(error)}\n`);
        process.abort();
      }
    }
  } finally {
    closeSync(home);
  }
}

function inNewNamespace<T>(work: (namespaceFd: number) => T): T {
  return elsewhere(
    () => unshare(CLONE_NEWNET),
    () => work(openSync("/proc/thread-self/ns/net", "r")),
  );
}

/** Synchronous by necessity; about 1 ms. @param localName see `listenLocally` */
export function createNetwork(host: string, port: number, localName?: string): JailNetwork {
  return inNewNamespace((fd) => {
    const opened = [fd];
    let listener: number;
    let localListener: number | undefined;
    try {
      bringLoopbackUp();
      opened.push((listener = listenOn(host, port)));
      localListener = localName === undefined ? undefined : listenLocally(localName);
    } catch (error) {
      for (const each of opened) closeSync(each);
      throw error;
    }
    let open = true;
    function inside<T>(inNamespace: () => T): T {
      if (!open) throw new TypeError("the network namespace has been let go of");
      return elsewhere(() => setns(fd, CLONE_NEWNET), inNamespace);
    }
    return {
      path: `/proc/${process.pid}/fd/${fd}`,
      fd,
      listener,
      localListener,
      openSocket: () => inside(() => socket(AF_INET, SOCK_STREAM)),
      inside,
      close() {
        if (open) closeSync(fd);
        open = false;
      },
    };
  });
}
