/**
 * A user namespace with a range of ids of its own, for programs that cannot make one themselves. It has no name: it lives
 * as long as the descriptor that is kept here and the processes in it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { KilnError, messageOf } from "../../base/errors.ts";

export interface UserNamespace {
  /** For nsenter(1); valid while this process lives and until `close`. */
  readonly path: string;
  readonly fd: number;
  close(): void;
}

const TIMEOUT_MS = 10_000;

/** Ids of a namespace and what they are on the host, as in /proc/PID/uid_map (user_namespaces(7)). */
export interface IdRange {
  inside: number;
  host: number;
  count: number;
}

function mapText(ranges: readonly IdRange[]): string {
  return ranges.map(({ inside, host, count }) => `${inside} ${host} ${count}\n`).join("");
}

/** Only a process of one thread can make one: `unshare` is such. */
export async function createUserNamespace(
  uids: readonly IdRange[],
  gids: readonly IdRange[] = uids,
): Promise<UserNamespace> {
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
    writeFileSync(`/proc/${child.pid}/uid_map`, mapText(uids));
    writeFileSync(`/proc/${child.pid}/gid_map`, mapText(gids));
    const fd = openSync(`/proc/${child.pid}/ns/user`, "r");
    let open = true;
    return {
      path: `/proc/${process.pid}/fd/${fd}`,
      fd,
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
