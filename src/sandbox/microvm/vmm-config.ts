/** What the OCI runtime is told about the jail of a VMM: a function's jail with other files, devices and system calls. */
import { jailConfig, type JailDescription } from "../jail/config.ts";
import type { LinuxSeccomp, OciConfig, OciMount, Syscall } from "../jail/oci-config.ts";
import type { VmmSystemCalls } from "./vmm/contract.ts";

export interface VmmDescription extends JailDescription {
  /** The directory on the host that appears at /run/vmm. */
  control: string;
  /** Files: their path inside, on the host, and whether the VMM writes to them. */
  files: readonly { inside: string; source: string; writable: boolean }[];
  /** Devices: path inside, the host's file of it, its type and numbers. */
  devices: readonly VmmDevice[];
}

export interface VmmDevice {
  inside: string;
  source: string;
  major: number;
  minor: number;
}

const AF_UNIX = 1;

/** A VMM speaks through its control socket and the TAP device: it needs no network of its own. */
export function vmmSeccomp(of: LinuxSeccomp, { calls, ioctls, ioctlTypes = [] }: VmmSystemCalls): LinuxSeccomp {
  const allowed = new Set(calls);
  const rules: Syscall[] = of.syscalls
    .filter(({ names }) => !names.includes("socket"))
    .map((rule) => (rule.action === "SCMP_ACT_ERRNO" ? { ...rule, names: without(rule.names, allowed) } : rule))
    .filter(({ names }) => names.length > 0);
  const action = "SCMP_ACT_ALLOW" as const;
  return {
    ...of,
    syscalls: [
      ...rules,
      ...(calls.length === 0 ? [] : [{ names: [...calls], action }]),
      ...ioctls.map((request) => ioctl(0xffff_ffff, request)),
      ...ioctlTypes.map((type) => ioctl(0xff00, type << 8)),
      { names: ["socket"], action, args: [{ index: 0, value: AF_UNIX, op: "SCMP_CMP_EQ" }] },
    ],
  };
}

function ioctl(mask: number, request: number): Syscall {
  const args = [{ index: 1, value: mask, valueTwo: request, op: "SCMP_CMP_MASKED_EQ" as const }];
  return { names: ["ioctl"], action: "SCMP_ACT_ALLOW", args };
}

function without(names: readonly string[], taken: ReadonlySet<string>): string[] {
  return names.filter((name) => !taken.has(name));
}

function mounts({ control, files, devices }: VmmDescription): OciMount[] {
  const closed = ["nosuid", "nodev", "noexec"];
  return [
    {
      destination: "/dev",
      type: "tmpfs",
      source: "tmpfs",
      options: ["nosuid", "noexec", "strictatime", "mode=755", "size=64k", "nr_inodes=64"],
    },
    { destination: "/proc", type: "proc", source: "proc", options: closed },
    // Only root of the jail could write here, and nobody is root in it: it is a place for the files below.
    {
      destination: "/vm",
      type: "tmpfs",
      source: "tmpfs",
      options: [...closed, "mode=755", "size=64k", "nr_inodes=64"],
    },
    { destination: "/run/vmm", type: "bind", source: control, options: ["bind", "private", ...closed] },
    ...files.map(({ inside, source, writable }) => ({
      destination: inside,
      type: "bind",
      source,
      options: ["bind", "private", writable ? "rw" : "ro", ...closed],
    })),
    ...devices.map(({ inside, source }) => ({
      destination: inside,
      type: "bind",
      source,
      options: ["bind", "private", "nosuid", "noexec"],
    })),
  ];
}

export function vmmConfig(jail: VmmDescription): OciConfig {
  const config = jailConfig(jail);
  const { resources } = config.linux;
  const devices = [
    ...resources.devices,
    ...jail.devices.map(({ major, minor }) => ({ allow: true, type: "c", major, minor, access: "rw" })),
  ];
  return { ...config, mounts: mounts(jail), linux: { ...config.linux, resources: { ...resources, devices } } };
}
