/** What this machine says about its memory. */
import { readFileSync } from "node:fs";

export interface HostGauge {
  /** MB that can be used without harm: what is available, less a reserve. Below 0 something has to go. */
  availableMB(): number;
  /** Programs have been waiting for memory: even what seems to be there is hard to get. */
  pressed(): boolean;
}

/** Kept free: the larger of a twentieth of the machine, and this many MB. */
const LEAST_RESERVE_MB = 256;
/** % of the last ten seconds in which all programs that could have run waited for memory (PSI, `full avg10`). */
const PRESSED_PERCENT = 5;
/**
 * Part of the machine's memory. Where more can be used, nobody waits but jails at their own limits, which the kernel counts
 * too: else a function that keeps itself short of memory would cost the others their environments.
 */
const PLENTY = 1 / 4;

/** A kernel without the file, or a cgroup without the limit, has nothing to say. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** @param root Stands before the paths; it is for tests. */
export function createHostGauge(root = ""): HostGauge {
  const meminfo = (name: string): number => {
    const kB = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(read(`${root}/proc/meminfo`))?.[1];
    return kB === undefined ? Number.NaN : Number(kB) / 1024;
  };
  const totalMB = meminfo("MemTotal");

  /** In a container: what its own limit leaves. The files are there only where the tree's root is not the machine's. */
  function containerMB(): number {
    const limit = Number(read(`${root}/sys/fs/cgroup/memory.max`).trim() || Number.NaN);
    if (!Number.isFinite(limit)) return Number.POSITIVE_INFINITY;
    const current = Number(read(`${root}/sys/fs/cgroup/memory.current`));
    // Cache of files that the kernel gives back before anything else.
    const cache = Number(/^inactive_file (\d+)$/m.exec(read(`${root}/sys/fs/cgroup/memory.stat`))?.[1] ?? 0);
    return (limit - current + cache) / 1024 ** 2;
  }

  function availableMB(): number {
    const reserve = Math.max(LEAST_RESERVE_MB, totalMB / 20);
    return Math.floor(Math.min(meminfo("MemAvailable"), containerMB()) - reserve);
  }

  return {
    availableMB,
    pressed() {
      if (availableMB() > totalMB * PLENTY) return false;
      const full = /^full avg10=([\d.]+)/m.exec(read(`${root}/proc/pressure/memory`))?.[1];
      return Number(full ?? 0) >= PRESSED_PERCENT;
    },
  };
}
