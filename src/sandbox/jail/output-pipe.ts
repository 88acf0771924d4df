import { fchownSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import { pipe } from "../host/libc.ts";

/** Ids on the host of a jail's user. */
export interface Owner {
  uid: number;
  gid: number;
}

export interface Output {
  readable: Readable;
  /** The end that the jail writes to. */
  writeEnd: number;
}

/**
 * A real pipe: what Node.js makes for a child is a socket, and /dev/stdout could not be opened in the jail. For the same
 * reason it belongs to the function's user.
 */
export function outputPipe({ uid, gid }: Owner): Output {
  const [readEnd, writeEnd] = pipe();
  fchownSync(writeEnd, uid, gid);
  const readable = new Socket({ fd: readEnd, readable: true, writable: false });
  // A jail cannot make reading fail; whoever reads adds a listener of their own.
  readable.on("error", () => readable.destroy());
  return { readable, writeEnd };
}
