/**
 * A user namespace with a range of ids of its own, for programs that cannot make one themselves. It has no name: it lives
 * as long as the descriptor that is kept here and the processes in it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { KilnError, messageOf } from "../../base/errors.ts";
import { UID_RANGE_SIZE } from "./uid-ranges.ts";

export interface UserNamespace {
  /** For nsenter(1); valid while this process lives and until `close`. */
  readonly path: string;
  close(): void;
}

const TIMEOUT_MS = 10_000;

/** @param base The id on the host of the namespace's root. Only a process of one thread can make one: `unshare` is such. */
export async function createUserNamespace(base: number): Promise<UserNamespace> {
  const child = spawn("unshare", ["--user", "cat"], {
    stdio: ["pipe", "pipe", "ignore"],
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  const ended = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("exit", (status, signal) => reject(new Error(`unshare ended with ${signal ?? status}`)));
  });
  ended.catch(() => undefined);
  child.stdin.on("error", () => undefined);
  try {
    // What comes back was written by `cat`: it is in the namespace.
    child.stdin.write(".");
    await Promise.race([once(child.stdout, "data"), ended]);
    for (const map of ["uid_map", "gid_map"]) {
      writeFileSync(`/proc/${child.pid}/${map}`, `0 ${base} ${UID_RANGE_SIZE}`);
    }
    const fd = openSync(`/proc/${child.pid}/ns/user`, "r");
    let open = true;
    return {
      path: `/proc/${process.pid}/fd/${fd}`,
      close() {
        if (open) closeSync(fd);
        open = false;
      },
    };
  } catch (error) {
    throw new KilnError("NO_USER_NAMESPACE", `Cannot make a user namespace: ${messageOf(error)}`, { cause: error });
  } finally {
    child.stdin.end();
  }
}
