/** gVisor's OCI runtime: what it is told, and where that differs from what crun and runc are told. */
import { chmodSync, chownSync, lstatSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { KilnError } from "../../base/errors.ts";
import { openGroup } from "../host/cgroups/group.ts";
import type { CgroupLayout } from "../host/cgroups/layout.ts";
import { bindReadOnly, unmountIfMounted } from "../host/mounts.ts";
import { UID_RANGE_SIZE } from "../host/uid-ranges.ts";
import { createUserNamespace } from "../host/user-namespace.ts";
import { LAUNCHER_DIR, jailConfig, type JailDescription } from "../jail/config.ts";
import type { Holdings } from "../jail/holdings.ts";
import { SHARED_DIR } from "../jail/shared-place.ts";
import type { OciConfig, OciMount } from "../jail/oci-config.ts";
import { gvisorSeccomp } from "./seccomp.ts";
import type { OciRuntime, Prepared, PreparedJail } from "../jail/oci-runtime.ts";

/**
 * How gVisor's kernel gets hold of the guest's system calls. `systrap` is faster, but a guest that is frozen (cgroup freezer)
 * and thawed ends with SIGSEGV sooner or later; `kvm` would need a device that nobody in the jail may open.
 */
export const PLATFORM = "ptrace";

/**
 * What versions of runsc are told, the oldest first. Later ones would put a writable layer into the image's tree, which
 * cannot be written to; earlier ones do not know the option that says not to.
 */
export const GENERATIONS: readonly (readonly string[])[] = [[], ["--overlay2=none"]];

/**
 * gVisor opens no named pipe for writing in a read-only mount, and takes what is mounted below one to be read-only too. In
 * these directories themselves the function's user may write to nothing else.
 */
const WRITABLE = [LAUNCHER_DIR, SHARED_DIR];

function writable(mount: OciMount): OciMount {
  if (!WRITABLE.includes(mount.destination)) return mount;
  return { ...mount, options: mount.options.filter((option) => option !== "ro") };
}

export function gvisorConfig(jail: JailDescription): OciConfig {
  const config = jailConfig(jail);
  const namespaces = ["pid", "mount", "ipc", "uts"].map((type) => ({ type }));
  return {
    ...config,
    root: { ...config.root, readonly: false },
    mounts: config.mounts.map(writable),
    hooks: {},
    linux: {
      ...config.linux,
      namespaces,
      uidMappings: [],
      gidMappings: [],
      seccomp: gvisorSeccomp(jail.seccomp),
    },
  };
}

/** Moves itself into groups, and becomes the program. Arguments: how many groups, their directories, the program's. */
const ENTER = `n=$1; shift; while [ $n -gt 0 ]; do echo $$ >"$1/cgroup.procs"; shift; n=$((n - 1)); done; exec "$@"`;

/**
 * Bounds what gVisor itself makes of threads. Those of the guest are bounded by its kernel, which answers EAGAIN
 * (`RLIMIT_NPROC`); each costs up to three on the host, and gVisor's kernel and file server have a few dozen of their own.
 */
function hostPids(pids: number): number {
  return 3 * pids + 256;
}

/** The jail's groups, with their limits; their directories. */
function makeGroups(layout: CgroupLayout, { cgroup, limits, swap }: JailDescription): string[] {
  const trees = new Set(Object.values(layout.tree));
  if (layout.freezer !== undefined) trees.add(layout.freezer.dir);
  if (layout.disk !== undefined) trees.add(layout.disk);
  const dirs = [...trees].map((tree) => join(tree, cgroup));
  for (const dir of dirs) mkdirSync(dir, { recursive: true });
  const group = openGroup(layout, cgroup, swap);
  group.setMemory(limits.memoryMB);
  group.setPids(hostPids(limits.pids));
  return dirs;
}

/**
 * gVisor's file server binds everything into the root file system that it serves, /dev/kiln too, although the guest has a
 * /dev of gVisor's own. The image cannot be written to: a directory with the place in it lies over its /dev.
 */
function makeLauncherPlace(bundle: string, root: string, holdings: Holdings): void {
  const target = join(root, "dev");
  // A link in the image would lead somewhere on the host.
  if (!lstatSync(target).isDirectory()) throw new KilnError("BAD_IMAGE", "/dev of the root image is no directory.");
  const source = join(bundle, "dev");
  mkdirSync(join(source, basename(LAUNCHER_DIR)), { recursive: true });
  holdings.add(() => void unmountIfMounted(target));
  bindReadOnly(source, target);
}

async function prepare(jail: PreparedJail, holdings: Holdings): Promise<Prepared> {
  const { bundle, config, description, layout } = jail;
  const { idBase, network } = description;
  const stateDir = join(bundle, "runsc");
  mkdirSync(stateDir, { mode: 0o700 });
  chownSync(stateDir, idBase, idBase);
  chownSync(config, 0, idBase);
  chmodSync(config, 0o640);
  for (const name of ["log.json", "pid"]) {
    writeFileSync(join(bundle, name), "");
    chownSync(join(bundle, name), idBase, idBase);
  }
  if (description.launcher !== undefined) makeLauncherPlace(bundle, description.dirs.root, holdings);
  const groups = makeGroups(layout, description);
  const ids = await createUserNamespace([{ inside: 0, host: idBase, count: UID_RANGE_SIZE }]);
  holdings.add(() => ids.close());
  const enter = ["nsenter", `--net=${network}`, `--user=${ids.path}`, "--setuid=0", "--setgid=0", "--"];
  return { stateDir, before: ["/bin/sh", "-c", ENTER, "sh", String(groups.length), ...groups, ...enter] };
}

/** @param options One of `GENERATIONS`. */
export function runsc(program: string, options: readonly string[] = []): OciRuntime {
  return {
    program,
    options: [
      `--platform=${PLATFORM}`,
      ...options,
      "--network=host",
      "--oci-seccomp",
      "--ignore-cgroups",
      "--host-fifo=open",
    ],
    ownKernel: true,
    describe: gvisorConfig,
    prepare,
  };
}
