/** Mounts on the host, all of them below one run directory. */
import { readFileSync } from "node:fs";
import { systemCode } from "../../base/errors.ts";
import { MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY, MS_REMOUNT, MS_SHARED, mount, unmount } from "./libc.ts";

/** The name that stands as "device" of a mount that has none; a jail can read it. */
export const NAME = "kiln";

/** Shows the tree `from` at `to`, read-only, without set-uid programs and devices. */
export function bindReadOnly(from: string, to: string): void {
  mount(from, to, null, MS_BIND);
  // A bind mount takes its flags only in a second call.
  mount(null, to, null, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV);
}

/** A tmpfs whose mount events reach copies of it in jails (a shared mount). Small: it holds configurations and mount points. */
export function mountSharedTmpfs(dir: string, mode: string): void {
  mount(NAME, dir, "tmpfs", MS_NOSUID | MS_NODEV, `mode=${mode},size=64m`);
  mount(null, dir, null, MS_SHARED);
}

export interface TmpfsSize {
  bytes: number;
  inodes: number;
}

/** @param execution `noexec`: what is written there is no program. A bind mount of it elsewhere is the same. */
export function mountTmpfs(dir: string, size: TmpfsSize, execution: "exec" | "noexec" = "exec"): void {
  const flags = MS_NOSUID | MS_NODEV | (execution === "noexec" ? MS_NOEXEC : 0);
  mount(NAME, dir, "tmpfs", flags, `size=${size.bytes},nr_inodes=${size.inodes},mode=0700`);
}

/** Takes the uppermost mount away; nothing mounted there is fine. */
export function unmountIfMounted(target: string): boolean {
  try {
    unmount(target);
    return true;
  } catch (error) {
    if (["EINVAL", "ENOENT"].includes(systemCode(error) ?? "")) return false;
    throw error;
  }
}

/** `\040` and its like stand for blanks and line ends in mountinfo (proc(5)). */
function unescape(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Mount points at and below a directory, the last mounted first. */
export function mountPointsBelow(dir: string, mountinfo = readFileSync("/proc/self/mountinfo", "utf8")): string[] {
  return mountinfo
    .split("\n")
    .map((line) => unescape(line.split(" ")[4] ?? ""))
    .filter((point) => point === dir || point.startsWith(`${dir}/`))
    .reverse();
}
