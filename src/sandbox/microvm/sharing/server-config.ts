/** What the OCI runtime is told about the jail of a file server: a function's jail with other mounts and system calls. */
import { join } from "node:path";
import { RUNTIME_API_HOST } from "../../contract.ts";
import { jailConfig, type JailDescription } from "../../jail/config.ts";
import type { LinuxSeccomp, OciConfig, OciMount } from "../../jail/oci-config.ts";
import { SHARED_DIR } from "../../jail/shared-place.ts";

/** Of the jail's loopback address, where the guest finds it as it finds Kiln (guest/network.c). */
export const FILES_PORT = 9002;
/** Each works at one request. */
const WORKERS = 8;
/** Its own, the workers, and one for each connection: a guest needs one connection for each directory. */
export const SERVER_THREADS = WORKERS + 32;

const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_TYPE_MASK = 0xf;

/** diod(8): no configuration, no credentials; everything is done with the rights that the process has. */
export function serverCommand(names: readonly string[]): string[] {
  const exports = names.flatMap((name) => ["--export", `${SHARED_DIR}/${name}`]);
  const as = ["--foreground", "--no-auth", "--config-file", "/dev/null", "--logdest", "stderr"];
  const listen = ["--nwthreads", String(WORKERS), "--listen", `${RUNTIME_API_HOST}:${FILES_PORT}`];
  return ["/usr/sbin/diod", ...as, ...listen, ...exports];
}

/** Of a function's, without what nobody here needs: it waits for connections and makes none. */
export function serverSeccomp(of: LinuxSeccomp): LinuxSeccomp {
  const taken = new Set(["connect", "sendmmsg", "socketpair", "inotify_init", "inotify_init1", "inotify_add_watch"]);
  const rules = of.syscalls
    .filter(({ names }) => !names.includes("socket"))
    .map((rule) => ({ ...rule, names: rule.names.filter((name) => !taken.has(name)) }))
    .filter(({ names }) => names.length > 0);
  const args = [
    { index: 0, value: AF_INET, op: "SCMP_CMP_EQ" as const },
    { index: 1, value: SOCK_TYPE_MASK, valueTwo: SOCK_STREAM, op: "SCMP_CMP_MASKED_EQ" as const },
  ];
  return { ...of, syscalls: [...rules, { names: ["socket"], action: "SCMP_ACT_ALLOW", args }] };
}

/** A place with nothing to run in it. */
function closed(source: string, destination: string, kind: "bind" | "rbind", more: readonly string[]): OciMount {
  return { source, destination, type: "bind", options: [kind, ...more, "nosuid", "nodev", "noexec"] };
}

/**
 * @param shared On the host: the directory in which the access points are mounted, under these names. With what is mounted
 *   below, because the kernel lets no user namespace part the two (mount_namespaces(7)); and one by one once more, as crun of
 *   Debian 12 leaves it out all the same, and each has its own flags, read-only among them.
 */
export function serverConfig(jail: JailDescription, shared: string, names: readonly string[]): OciConfig {
  const mounts: OciMount[] = [
    { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
    {
      destination: "/dev",
      type: "tmpfs",
      source: "tmpfs",
      options: ["nosuid", "noexec", "strictatime", "mode=755", "size=64k", "nr_inodes=64"],
    },
    closed(shared, SHARED_DIR, "rbind", ["private", "ro"]),
    ...names.map((name) => closed(join(shared, name), join(SHARED_DIR, name), "bind", ["slave"])),
  ];
  return { ...jailConfig(jail), mounts };
}
