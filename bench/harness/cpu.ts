/** Processor time, which other programs on the machine change far less than they change latencies. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** µs that all threads of a process have run, and 0 for one that is gone. */
export function processMicros(pid: number): number {
  let nanoseconds = 0;
  const tasks = `/proc/${pid}/task`;
  for (const task of filesIn(tasks)) nanoseconds += Number(textOf(join(tasks, task, "schedstat")).split(" ")[0]);
  return nanoseconds / 1000;
}

/** µs that a process and all below it have run; those that have ended and were waited for are counted by their parents. */
export function treeMicros(pid: number): number {
  const parents = new Map<number, number[]>();
  for (const name of filesIn("/proc")) {
    const parent = /^\d+ \(.*\) \S (\d+)/s.exec(textOf(`/proc/${name}/stat`))?.[1];
    if (parent !== undefined) parents.set(Number(parent), [...(parents.get(Number(parent)) ?? []), Number(name)]);
  }
  const sum = (of: number): number =>
    (parents.get(of) ?? []).reduce((all, child) => all + sum(child), processMicros(of));
  return sum(pid);
}

/** µs of all jails of an instance of Kiln, on hosts with either version of cgroups; undefined where neither tells. */
export function jailsMicros(instance: string): number | undefined {
  const first = textOf(`/sys/fs/cgroup/cpuacct/kiln/${instance}/cpuacct.usage`);
  if (first !== "") return Number(first) / 1000;
  const second = /^usage_usec (\d+)$/m.exec(textOf(`/sys/fs/cgroup/kiln/${instance}/cpu.stat`))?.[1];
  return second === undefined ? undefined : Number(second);
}

/** MB that a process has in memory. */
export function residentMB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? Number.NaN) / 1024;
}

/** MB of a process and all below it, shared pages once. */
export function ownMB(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB$/m.exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? Number.NaN) / 1024;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // It has ended meanwhile.
    return [];
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}
