/** The running VMM of one jail, as its driver sees it. */
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { KilnError, systemCode } from "../../base/errors.ts";
import { sendDescriptor } from "../host/send-descriptor.ts";
import { API_SOCKET, type VmmProcess } from "./vmm/contract.ts";

const O_PATH = 0o10000000;
const LOOK_MS = 5;
/** Longer than any program takes to open its socket. */
const CONNECT_WITHIN_MS = 60_000;

/**
 * The directory is the VMM's: what it calls its socket may be a link to somebody else's. So the file is opened without
 * following one, looked at, and connected to by its descriptor.
 */
async function connectTo(path: string): Promise<Socket | undefined> {
  let fd: number;
  try {
    fd = openSync(path, O_PATH | constants.O_NOFOLLOW);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    if (!fstatSync(fd).isSocket()) throw new KilnError("VMM_FAILED", "The VMM's socket is none.");
    const socket = connect({ path: `/proc/self/fd/${fd}` });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return socket;
  } catch (error) {
    // It is there before it listens.
    if (systemCode(error) === "ECONNREFUSED") return undefined;
    throw error;
  } finally {
    closeSync(fd);
  }
}

export interface StateFile {
  /** On the host. */
  path: string;
  access: "r" | "r+";
}

/**
 * @param control The directory on the host that is /run/vmm inside.
 * @param state Of the snapshot that it starts from, or that is taken of it.
 */
export function vmmProcess(control: string, ended: Promise<Error>, state: StateFile | undefined): VmmProcess {
  let over: Error | undefined;
  void ended.then((error) => {
    over = error;
  });
  return {
    ended,
    sendState(socket, bytes) {
      if (state === undefined) throw new TypeError("this machine has no snapshot");
      const fd = openSync(state.path, state.access);
      try {
        sendDescriptor(socket, bytes, fd);
      } finally {
        closeSync(fd);
      }
    },
    async connect() {
      const until = Date.now() + CONNECT_WITHIN_MS;
      for (;;) {
        if (over !== undefined) throw over;
        const socket = await connectTo(join(control, basename(API_SOCKET)));
        if (socket !== undefined) return socket;
        if (Date.now() > until) throw new KilnError("VMM_FAILED", "The VMM does not listen.");
        await sleep(LOOK_MS);
      }
    },
  };
}
