/**
 * A mount namespace in which one mount of the host is missing. What the host mounts later, below a mount that it shares,
 * appears in it too. It has no name: it lives as long as the descriptor that is kept here and the processes in it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { KilnError, messageOf } from "../../base/errors.ts";

export interface MountView {
  /** For nsenter(1); valid while this process lives and until `close`. */
  readonly path: string;
  close(): void;
}

const TIMEOUT_MS = 10_000;
/** What comes back says that the mount is gone; the shell waits for its input to end. */
const WORK = `umount "$1" && echo . && read -r _`;

export async function openMountView(without: string): Promise<MountView> {
  const child = spawn("unshare", ["--mount", "--propagation", "slave", "/bin/sh", "-c", WORK, "sh", without], {
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
    await Promise.race([once(child.stdout, "data"), ended]);
    const fd = openSync(`/proc/${child.pid}/ns/mnt`, "r");
    let open = true;
    return {
      path: `/proc/${process.pid}/fd/${fd}`,
      close() {
        if (open) closeSync(fd);
        open = false;
      },
    };
  } catch (error) {
    throw new KilnError("NO_MOUNT_NAMESPACE", `Cannot make a mount namespace: ${messageOf(error)}`, { cause: error });
  } finally {
    child.stdin.end();
  }
}
