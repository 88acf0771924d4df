/**
 * Moving a process into a group takes a lock that the kernel has made cheap to read, at every fork, and dear to write: the
 * writer waits for an RCU grace period, 7 ms and more on a machine with nothing to do. For about as long again the next one
 * need not wait. So the lock is taken ahead, in another thread, for a move that moves nothing, while the rest of a jail is
 * made; the OCI runtime, which has to move the jail's first process, then finds it at hand.
 *
 * The mount option `favordynmods` would do the same for the whole host, at the cost of every fork
 * (https://docs.kernel.org/admin-guide/cgroup-v2.html#mounting).
 */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { CgroupLayout } from "./layout.ts";

export interface AttachLock {
  /** A process is about to be moved. */
  warm(): void;
  /** When nothing of it is under way any more. */
  settled(): Promise<void>;
}

/** The directory of the group that this process is in, in one of the trees with a controller. */
export function ownGroup(layout: CgroupLayout, text: string): string | undefined {
  const line = text
    .split("\n")
    .map((each) => each.split(":"))
    .find(([, controllers]) => (layout.version === 2 ? controllers === "" : controllers?.split(",").includes("pids")));
  const path = line?.slice(2).join(":");
  return path === undefined ? undefined : resolve(join(layout.tree.pids, path));
}

export function createAttachLock(layout: CgroupLayout): AttachLock {
  let running: Promise<void> | undefined;
  let again = false;

  /** Where this process is by now: it is not moved back, should somebody have moved it. */
  async function take(): Promise<void> {
    const dir = ownGroup(layout, readFileSync("/proc/self/cgroup", "utf8"));
    if (dir === undefined) return;
    // A group that is not to be seen from here, or takes no process any more: then starts take as long as they take.
    await writeFile(join(dir, "cgroup.procs"), String(process.pid)).catch(() => undefined);
  }

  async function run(): Promise<void> {
    do {
      again = false;
      // oxlint-disable-next-line no-await-in-loop -- Each makes it last longer.
      await take();
    } while (again);
    running = undefined;
  }

  return {
    warm() {
      again = true;
      running ??= run();
    },
    settled: () => running ?? Promise.resolve(),
  };
}
