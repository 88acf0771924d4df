/** What bounds the number of execution environments on this machine, besides the memory that functions really use. */
import { readFile } from "node:fs/promises";
import type { Finding } from "./check.ts";

interface Bound {
  /** As the operator would set it. */
  name: string;
  /** What one environment takes of it, on the safe side. */
  each: number;
  value(): Promise<number>;
}

/** Below this a machine is used up sooner than its operator expects. */
const FEW = 300;
/** MB of a frozen Node.js function and what belongs to it. */
const IDLE_MB = 12;

async function numberIn(file: string): Promise<number> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.trim() === "" ? Number.NaN : Number(text);
}

async function openFiles(): Promise<number> {
  const text = await readFile("/proc/self/limits", "utf8").catch(() => "");
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(text)?.[1];
  return hard === "unlimited" ? Number.POSITIVE_INFINITY : Number(hard ?? Number.NaN);
}

async function availableMB(): Promise<number> {
  const text = await readFile("/proc/meminfo", "utf8").catch(() => "");
  return Number(/^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1] ?? Number.NaN) / 1024;
}

const bounds: readonly Bound[] = [
  { name: "memory", each: IDLE_MB, value: availableMB },
  // A runtime's threads, and its first process.
  { name: "kernel.pid_max", each: 16, value: () => numberIn("/proc/sys/kernel/pid_max") },
  { name: "kernel.threads-max", each: 16, value: () => numberIn("/proc/sys/kernel/threads-max") },
  { name: "open files (ulimit -Hn)", each: 8, value: openFiles },
  { name: "fs.mount-max", each: 5, value: () => numberIn("/proc/sys/fs/mount-max") },
  { name: "user.max_net_namespaces", each: 1, value: () => numberIn("/proc/sys/user/max_net_namespaces") },
  { name: "user.max_user_namespaces", each: 1, value: () => numberIn("/proc/sys/user/max_user_namespaces") },
];

export async function checkDensity(): Promise<Finding> {
  const name = "density";
  const found: { what: string; environments: number }[] = [];
  for (const bound of bounds) {
    const environments = Math.floor((await bound.value()) / bound.each);
    // What a kernel does not have bounds nothing.
    if (!Number.isNaN(environments)) found.push({ what: bound.name, environments });
  }
  found.sort((one, other) => one.environments - other.environments);
  const [least] = found;
  if (least === undefined) return { name, status: "info", detail: "this kernel tells no limits" };
  const watchers = await numberIn("/proc/sys/fs/inotify/max_user_instances");
  const watching = Number.isNaN(watchers)
    ? ""
    : `; ${watchers} of them may watch files (fs.inotify.max_user_instances)`;
  const detail = `room for about ${least.environments} idle environments, bounded by ${least.what}${watching}`;
  if (least.environments >= FEW) return { name, status: "ok", detail };
  const todo = least.what === "memory" ? "Free some memory, or use a larger machine." : `Raise ${least.what}.`;
  return { name, status: "warning", detail, todo };
}
