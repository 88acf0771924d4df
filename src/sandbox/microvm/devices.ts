/** Device files of one VMM's own: those of the host may be closed to it, and must stay as they are. */
import { chownSync, mkdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { KilnError, messageOf } from "../../base/errors.ts";
import { makeDevice, MS_NOEXEC, MS_NOSUID, mount } from "../host/libc.ts";
import { NAME, unmountIfMounted } from "../host/mounts.ts";
import type { Holdings } from "../jail/holdings.ts";
import type { Owner } from "../jail/output-pipe.ts";
import type { VmmDevice } from "./vmm-config.ts";

/** struct stat's rdev, as glibc's gnu_dev_major and gnu_dev_minor read it; the upper halves are 0 in practice. */
function numbers(rdev: number): { major: number; minor: number } {
  return { major: (rdev >>> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >>> 12) & 0xfff00) };
}

/** @param owner Ids on the host of the only user who may open them. */
export function makeDevices(dir: string, paths: readonly string[], owner: Owner, holdings: Holdings): VmmDevice[] {
  mkdirSync(dir);
  holdings.add(() => void unmountIfMounted(dir));
  mount(NAME, dir, "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=711,size=64k,nr_inodes=16");
  return paths.map((path) => {
    const source = join(dir, basename(path));
    try {
      const { rdev } = statSync(path);
      makeDevice(source, "character", rdev);
      chownSync(source, owner.uid, owner.gid);
      return { inside: path, source, ...numbers(rdev) };
    } catch (cause) {
      throw new KilnError("NO_DEVICE", `A microVM needs ${path}: ${messageOf(cause)}`, { cause });
    }
  });
}
