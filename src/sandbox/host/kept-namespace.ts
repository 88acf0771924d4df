/**
 * A namespace without a name, made by unshare(1): it lives as long as the descriptor that is kept here and the processes in
 * it. Node.js cannot make one itself: a process with threads may not (unshare(2)).
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";

export interface KeptNamespace {
  /** For nsenter(1); valid while this process lives and until `close`. */
  readonly path: string;
  readonly fd: number;
  close(): void;
}

const TIMEOUT_MS = 10_000;

/**
 * @param kind The name of the file below /proc/PID/ns.
 * @param options What to unshare, and a program that writes to its output once it is there, and ends with its input.
 * @param prepare Done with the process id of that program, before the namespace is given out.
 * @throws Error when the program cannot be started or ends before it has written.
 */
export async function keepNamespace(
  kind: "mnt" | "user",
  options: readonly string[],
  prepare: (pid: number) => void = () => undefined,
): Promise<KeptNamespace> {
  const child = spawn("unshare", options, {
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
    child.stdin.write(".\n");
    await Promise.race([once(child.stdout, "data"), ended]);
    const { pid } = child;
    if (pid === undefined) throw new Error("unshare has no process");
    prepare(pid);
    const fd = openSync(`/proc/${pid}/ns/${kind}`, "r");
    let open = true;
    return {
      path: `/proc/${process.pid}/fd/${fd}`,
      fd,
      close() {
        if (open) closeSync(fd);
        open = false;
      },
    };
  } finally {
    child.stdin.end();
  }
}
