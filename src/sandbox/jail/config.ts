/** What an OCI runtime is told about one jail. A pure function of its input: the same text for every OCI runtime. */
import type { JailLimits } from "../contract.ts";
import { UID_RANGE_SIZE } from "../host/uid-ranges.ts";
import { OOM_SCORE_ADJ } from "./oci-runtime.ts";
import type { LinuxSeccomp, OciConfig, OciMount } from "./oci-config.ts";
import { maskedPaths, readonlyPaths } from "./proc-paths.ts";
import { SHARED_DIR } from "./shared-place.ts";

export interface FunctionUser {
  uid: number;
  gid: number;
}

/** Host directories that appear in the jail. */
export interface JailDirs {
  root: string;
  /** → /var/task, and → /opt; absent where the root has them itself. */
  tree?: { task: string; opt: string };
  /** → /tmp */
  tmp: string;
  /** → /mnt, with the directories in it on which something is mounted. */
  shared?: { dir: string; names: readonly string[] } | undefined;
  /** A file → /etc/resolv.conf; absent where the root image has no such file. */
  resolvConf?: string | undefined;
}

/** Where a launcher finds its commands and pipes. In a tmpfs: every image has the place. */
export const LAUNCHER_DIR = "/dev/kiln";

export interface JailDescription {
  hostname: string;
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
  user: FunctionUser;
  /** First host id of the jail's range. */
  idBase: number;
  dirs: JailDirs;
  workingDirectory: string;
  /** Path of the network namespace to join. */
  network: string;
  /** Group below every cgroup tree, with a leading slash. */
  cgroup: string;
  limits: JailLimits;
  /** Whether the host can limit swap. */
  swap: boolean;
  seccomp: LinuxSeccomp;
  /** The directory on the host that appears at `LAUNCHER_DIR`. */
  launcher?: string;
}

/** Enough for a few watchers in every process that is likely; see `userNamespaceLimits`. */
const INOTIFY_INSTANCES = 16;

/**
 * The kernel counts inotify instances of all jails as those of the host's root, whose limit is 128 by default: one jail
 * could take them from all others and from the host. Only a process in the jail's user namespace can set a limit for
 * it, so the OCI runtime starts one, while the jail is made and before anything of the function is in it. It reads what it
 * is given on its standard input: crun of Debian 12 fails when a hook has ended before crun has written there.
 */
function userNamespaceLimits() {
  const command = `echo ${INOTIFY_INSTANCES} >/proc/sys/user/max_inotify_instances || exit; read -r _ || :`;
  return { createContainer: [{ path: "/bin/sh", args: ["sh", "-c", command], timeout: 10 }] };
}

const MIB = 1024 * 1024;

function limit(type: string, value: number): { type: string; soft: number; hard: number } {
  return { type, soft: value, hard: value };
}

/** As on AWS ("Lambda quotas": file descriptors 1,024; processes and threads 1,024). Never above what the host may give. */
function rlimits(pids: number): { type: string; soft: number; hard: number }[] {
  return [
    limit("RLIMIT_NOFILE", 1024),
    limit("RLIMIT_NPROC", pids),
    limit("RLIMIT_CORE", 0),
    limit("RLIMIT_MEMLOCK", 64 * 1024),
    limit("RLIMIT_MSGQUEUE", 0),
    limit("RLIMIT_SIGPENDING", 1024),
  ];
}

function codeMount(source: string, destination: string): OciMount {
  return {
    source,
    destination,
    type: "bind",
    // A slave: what the host mounts there later appears in the jail, and nothing comes back.
    options: ["rbind", "rslave", "ro", "nosuid", "nodev"],
  };
}

function fileMount(source: string, destination: string): OciMount {
  return { source, destination, type: "bind", options: ["bind", "private", "ro", "nosuid", "nodev", "noexec"] };
}

function mounts({ dirs, launcher }: JailDescription): OciMount[] {
  const mounts = [
    { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
    // Only root of the jail could write here, and nobody is root in it. AWS has no /dev/shm either.
    {
      destination: "/dev",
      type: "tmpfs",
      source: "tmpfs",
      options: ["nosuid", "noexec", "strictatime", "mode=755", "size=64k", "nr_inodes=64"],
    },
    { destination: "/tmp", type: "bind", source: dirs.tmp, options: ["bind", "slave", "nosuid", "nodev"] },
    ...(dirs.tree === undefined ? [] : [codeMount(dirs.tree.task, "/var/task"), codeMount(dirs.tree.opt, "/opt")]),
    // Read-only itself; what is mounted below it has flags of its own.
    ...(dirs.shared === undefined ? [] : [codeMount(dirs.shared.dir, SHARED_DIR)]),
    ...(dirs.resolvConf === undefined ? [] : [fileMount(dirs.resolvConf, "/etc/resolv.conf")]),
  ];
  if (launcher === undefined) return mounts;
  const options = ["bind", "ro", "nosuid", "nodev", "noexec", "private"];
  return [...mounts, { destination: LAUNCHER_DIR, type: "bind", source: launcher, options }];
}

export function jailConfig(jail: JailDescription): OciConfig {
  const mapping = [{ containerID: 0, hostID: jail.idBase, size: UID_RANGE_SIZE }];
  const memory = jail.limits.memoryMB * MIB;
  return {
    ociVersion: "1.0.2",
    hostname: jail.hostname,
    process: {
      terminal: false,
      user: { ...jail.user, umask: 0o022 },
      args: [...jail.argv],
      env: Object.entries(jail.env).map(([name, value]) => `${name}=${value}`),
      cwd: jail.workingDirectory,
      capabilities: { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] },
      oomScoreAdj: OOM_SCORE_ADJ,
      noNewPrivileges: true,
      rlimits: rlimits(jail.limits.pids),
    },
    root: { path: jail.dirs.root, readonly: true },
    mounts: mounts(jail),
    hooks: userNamespaceLimits(),
    linux: {
      // Said, because crun's default is private: then nothing that the host mounts later would appear in the jail.
      rootfsPropagation: "rslave",
      namespaces: [
        { type: "user" },
        { type: "pid" },
        { type: "mount" },
        { type: "ipc" },
        { type: "uts" },
        { type: "cgroup" },
        { type: "network", path: jail.network },
      ],
      uidMappings: mapping,
      gidMappings: mapping,
      cgroupsPath: jail.cgroup,
      resources: {
        devices: [{ allow: false, access: "rwm" }],
        memory: jail.swap ? { limit: memory, swap: memory } : { limit: memory },
        pids: { limit: jail.limits.pids },
        // No CPU quota yet: the OCI runtime's own work would be throttled by it. It is set once the jail runs.
      },
      seccomp: jail.seccomp,
      maskedPaths,
      readonlyPaths,
    },
  };
}
