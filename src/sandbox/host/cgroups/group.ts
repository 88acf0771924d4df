/** One jail's cgroup: limits, figures, and its end. */
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { KilnError, systemCode } from "../../../base/errors.ts";
import type { MemoryUse } from "../../contract.ts";
import { removeIfEmpty } from "../remove-if-empty.ts";
import type { CgroupLayout } from "./layout.ts";

/**
 * The period of the CPU quota. Short, so that a function with a small share is not stopped for most of a tenth of a
 * second at a time; the kernel's least quota is 1 ms.
 */
export const CPU_PERIOD_US = 20_000;
const LEAST_QUOTA_US = 1_000;

export function cpuQuota(vcpus: number): number {
  return Math.max(LEAST_QUOTA_US, Math.round(vcpus * CPU_PERIOD_US));
}

const MIB = 1024 * 1024;

export interface JailGroup {
  setMemory(memoryMB: number): void;
  setCpu(vcpus: number): void;
  setPids(pids: number): void;
  memory(): MemoryUse;
  /** Of `memory()` the peak alone, which is one file to read instead of four while it does not rise. */
  peakBytes(): number;
  /** Stops all its processes, or lets them go on. Absent where no tree of the host can. */
  setFrozen?: ((frozen: boolean) => void) | undefined;
  /** SIGKILL to all of it, as often as needed, until nothing is left; then the group itself goes. */
  remove(): Promise<void>;
}

/** The value behind a key in a flat-keyed file (`oom_kill 1`); 0 if it is not there. */
export function flatKey(text: string, key: string): number {
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${key} `));
  return line === undefined ? 0 : Number(line.slice(key.length + 1));
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    // Once the group is gone, or with a kernel that lacks the file.
    if (["ENOENT", "ENODEV"].includes(systemCode(error) ?? "")) return "0";
    throw error;
  }
}

function write(dir: string, file: string, value: string | number): void {
  writeFileSync(join(dir, file), String(value));
}

function processesOf(dir: string): number[] {
  return readText(join(dir, "cgroup.procs"))
    .split("\n")
    .map(Number)
    .filter((pid) => pid > 0);
}

/** Everything that runs in a group, in any tree. */
export function groupProcesses(layout: CgroupLayout, group: string): number[] {
  return [...new Set(layout.trees.flatMap((tree) => processesOf(join(tree, group))))];
}

/**
 * With v1 a frozen process hears no signal, not even SIGKILL, before it is thawed. The group may be a killed Kiln's.
 */
function thawAll(layout: CgroupLayout, group: string): void {
  if (layout.freezer?.version !== 1) return;
  const dir = join(layout.freezer.dir, group);
  try {
    write(dir, "freezer.state", "THAWED");
  } catch (error) {
    if (!["ENOENT", "ENODEV"].includes(systemCode(error) ?? "")) throw error;
  }
}

function killAll(layout: CgroupLayout, dirs: readonly string[]): void {
  for (const dir of dirs) {
    if (layout.version === 2 && existsSync(join(dir, "cgroup.kill"))) {
      writeFileSync(join(dir, "cgroup.kill"), "1");
      continue;
    }
    for (const pid of processesOf(dir)) {
      try {
        process.kill(pid, "SIGKILL");
      } catch (error) {
        if (systemCode(error) !== "ESRCH") throw error;
      }
    }
  }
}

const REMOVE_WITHIN_MS = 10_000;

/** Kills what is in a group and removes it from every tree. Bounded in time. */
export async function removeGroup(layout: CgroupLayout, group: string): Promise<void> {
  let left = layout.trees.map((tree) => join(tree, group));
  const until = Date.now() + REMOVE_WITHIN_MS;
  for (let pause = 1; ; pause = Math.min(pause * 2, 50)) {
    left = left.filter((dir) => !removeIfEmpty(dir));
    if (left.length === 0) return;
    if (Date.now() > until) throw new KilnError("CGROUP_NOT_EMPTY", `Processes in ${left[0]} do not end.`);
    killAll(layout, left);
    thawAll(layout, group);
    await sleep(pause);
  }
}

/** The names of the groups below one. */
export function childGroups(layout: CgroupLayout, group: string): string[] {
  const names = new Set<string>();
  for (const tree of layout.trees) {
    const dir = join(tree, group);
    if (!existsSync(dir)) continue;
    for (const entry of readdirSync(dir, { withFileTypes: true })) if (entry.isDirectory()) names.add(entry.name);
  }
  return [...names];
}

/** `swap` says whether the host accounts swap for this group. */
export function openGroup(layout: CgroupLayout, group: string, swap: boolean): JailGroup {
  const memoryDir = join(layout.tree.memory, group);
  let peak = 0;

  function setMemory1(bytes: number): void {
    // Memory may never be above memory plus swap: which goes first depends on the direction.
    const order = ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"].slice(0, swap ? 2 : 1);
    const before = Number(readText(join(memoryDir, "memory.limit_in_bytes")));
    for (const file of bytes > before ? order.reverse() : order) write(memoryDir, file, bytes);
    limitSockets1(bytes);
  }

  /**
   * v1 counts buffers of sockets only where they have a limit of their own; without, a jail could fill what the whole
   * machine has for them (tcp_mem). v2 counts them as memory.
   */
  function limitSockets1(bytes: number): void {
    const file = "memory.kmem.tcp.limit_in_bytes";
    if (existsSync(join(memoryDir, file))) write(memoryDir, file, bytes);
  }

  function setMemory2(bytes: number): void {
    write(memoryDir, "memory.max", bytes);
    // A jail that has lost one of its processes would go on in a state that nobody has thought of. v1 cannot do this.
    if (existsSync(join(memoryDir, "memory.oom.group"))) write(memoryDir, "memory.oom.group", 1);
    if (swap) write(memoryDir, "memory.swap.max", 0);
  }

  /** `inactiveFile`: page cache that the kernel gives back before anything else; it is not what a function uses. */
  function figures(current: number, highest: number, inactiveFile: number, oomKills: number): MemoryUse {
    const currentBytes = Math.max(0, current - inactiveFile);
    peak = Math.max(peak, currentBytes, highest - inactiveFile);
    return { currentBytes, peakBytes: peak, oomKills };
  }

  /** Neither what is used nor the highest use without page cache can be above the highest use. */
  function peakBytes(): number {
    const file = layout.version === 1 ? "memory.max_usage_in_bytes" : "memory.peak";
    return Number(readText(join(memoryDir, file))) <= peak && peak > 0 ? peak : memory().peakBytes;
  }

  function memory(): MemoryUse {
    return layout.version === 1 ? memory1() : memory2();
  }

  function memory1(): MemoryUse {
    const inactiveFile = flatKey(readText(join(memoryDir, "memory.stat")), "total_inactive_file");
    return figures(
      Number(readText(join(memoryDir, "memory.usage_in_bytes"))),
      Number(readText(join(memoryDir, "memory.max_usage_in_bytes"))),
      inactiveFile,
      flatKey(readText(join(memoryDir, "memory.oom_control")), "oom_kill"),
    );
  }

  function memory2(): MemoryUse {
    const inactiveFile = flatKey(readText(join(memoryDir, "memory.stat")), "inactive_file");
    return figures(
      Number(readText(join(memoryDir, "memory.current"))),
      Number(readText(join(memoryDir, "memory.peak"))),
      inactiveFile,
      flatKey(readText(join(memoryDir, "memory.events")), "oom_kill"),
    );
  }

  const { freezer } = layout;
  const freezerDir = freezer === undefined ? "" : join(freezer.dir, group);

  return {
    setMemory: (memoryMB) => (layout.version === 1 ? setMemory1 : setMemory2)(memoryMB * MIB),
    setCpu(vcpus) {
      const dir = join(layout.tree.cpu, group);
      if (layout.version === 2) return write(dir, "cpu.max", `${cpuQuota(vcpus)} ${CPU_PERIOD_US}`);
      write(dir, "cpu.cfs_period_us", CPU_PERIOD_US);
      write(dir, "cpu.cfs_quota_us", cpuQuota(vcpus));
    },
    setPids: (pids) => write(join(layout.tree.pids, group), "pids.max", pids),
    setFrozen:
      freezer === undefined
        ? undefined
        : (frozen) => {
            if (freezer.version === 2) write(freezerDir, "cgroup.freeze", frozen ? 1 : 0);
            else write(freezerDir, "freezer.state", frozen ? "FROZEN" : "THAWED");
          },
    memory,
    peakBytes,
    remove: () => removeGroup(layout, group),
  };
}
