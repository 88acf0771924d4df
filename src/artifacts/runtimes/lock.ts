/**
 * One build at a time in a directory. The lock is the kernel's (flock(2)), so a killed build never leaves it behind.
 */
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { KilnError } from "../../base/errors.ts";

const LOCK_EX_NB = 2 | 4;
const POLL_MS = 200;

/** Waits for the lock; `onWait` is called once if another build holds it. Returns the function that gives it back. */
export async function lockDirectory(dir: string, onWait: () => void, signal?: AbortSignal): Promise<() => void> {
  // Loaded here because the usual case, nothing to build, must not pay for it.
  const { default: koffi } = await import("koffi");
  const flock = koffi.load("libc.so.6").func("int flock(int fd, int operation)") as (
    fd: number,
    operation: number,
  ) => number;
  const fd = openSync(join(dir, ".lock"), "a", 0o600);
  try {
    for (let waited = false; flock(fd, LOCK_EX_NB) !== 0;) {
      const error = koffi.errno();
      if (error !== koffi.os.errno.EAGAIN && error !== koffi.os.errno.EINTR) {
        throw new KilnError("LOCK_FAILED", `Cannot lock ${dir} (errno ${String(error)}).`);
      }
      if (!waited) {
        waited = true;
        onWait();
      }
      await sleep(POLL_MS, undefined, { signal });
    }
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return () => closeSync(fd);
}
