/**
 * Where this host keeps its cgroups. Three layouts are in use: v2 (one tree), v1 (a tree per controller), and hybrid
 * (v1 trees for the controllers, and a v2 tree without them).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { KilnError } from "../../../base/errors.ts";

export type Controller = "memory" | "cpu" | "pids";
export const CONTROLLERS: readonly Controller[] = ["memory", "cpu", "pids"];

export interface CgroupLayout {
  readonly kind: "v1" | "v2" | "hybrid";
  /** Version of the interface files of the controllers. */
  readonly version: 1 | 2;
  /** The tree of each controller that limits a jail. */
  readonly tree: Readonly<Record<Controller, string>>;
  /** The tree in which groups can be frozen; absent on a v1 or hybrid host without the v1 controller `freezer`. */
  readonly freezer?: { readonly dir: string; readonly version: 1 | 2 };
  /** The tree in which block I/O can be limited; absent where the host has no controller for it. */
  readonly disk?: string;
  /** Hybrid hosts only: the v2 tree. */
  readonly treeBeside?: string;
  /** Every tree: an OCI runtime makes a group in each of them. */
  readonly trees: readonly string[];
}

interface CgroupMount {
  dir: string;
  type: string;
  options: string[];
}

function cgroupMounts(mountinfo: string): CgroupMount[] {
  return mountinfo.split("\n").flatMap((line) => {
    const [before, after] = line.split(" - ");
    const dir = before?.split(" ")[4];
    const [type, , options] = after?.split(" ") ?? [];
    if (dir === undefined || (type !== "cgroup" && type !== "cgroup2")) return [];
    return [{ dir, type, options: options?.split(",") ?? [] }];
  });
}

function missing(what: string): KilnError {
  return new KilnError("CGROUPS_MISSING", `This host has no ${what}.`, {
    hint: "Mount cgroup2 at /sys/fs/cgroup with the controllers memory, cpu and pids, or their v1 hierarchies.",
  });
}

/** `root` stands before the paths of `mountinfo`; it is for tests. */
export function readCgroupLayout(mountinfo: string, root = ""): CgroupLayout {
  const mounts = cgroupMounts(mountinfo).map((found) => ({ ...found, dir: join(root, found.dir) }));
  const first = mounts.filter((found) => found.type === "cgroup");
  const second = mounts.find((found) => found.type === "cgroup2");
  if (first.length === 0) {
    if (second === undefined) throw missing("cgroups");
    const offered = readFileSync(join(second.dir, "cgroup.controllers"), "utf8").trim().split(" ");
    const absent = CONTROLLERS.filter((controller) => !offered.includes(controller));
    if (absent.length > 0) throw missing(`cgroup controller ${absent.join(", ")}`);
    const tree = { memory: second.dir, cpu: second.dir, pids: second.dir };
    return {
      kind: "v2",
      version: 2,
      tree,
      freezer: { dir: second.dir, version: 2 },
      ...(offered.includes("io") ? { disk: second.dir } : {}),
      trees: [second.dir],
    };
  }
  const freezer = first.find((candidate) => candidate.options.includes("freezer"));
  const disk = first.find((candidate) => candidate.options.includes("blkio"));
  const treeOf = (controller: Controller): string => {
    const found = first.find((candidate) => candidate.options.includes(controller));
    if (found === undefined) throw missing(`cgroup controller ${controller}`);
    return found.dir;
  };
  return {
    kind: second === undefined ? "v1" : "hybrid",
    version: 1,
    tree: { memory: treeOf("memory"), cpu: treeOf("cpu"), pids: treeOf("pids") },
    ...(disk === undefined ? {} : { disk: disk.dir }),
    ...(second === undefined ? {} : { treeBeside: second.dir }),
    ...(freezer === undefined ? {} : { freezer: { dir: freezer.dir, version: 1 as const } }),
    trees: [...new Set(mounts.map((found) => found.dir))],
  };
}

/** The layout of this host. */
export function hostCgroupLayout(): CgroupLayout {
  return readCgroupLayout(readFileSync("/proc/self/mountinfo", "utf8"));
}
