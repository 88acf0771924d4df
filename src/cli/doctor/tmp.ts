/** What functions get as /tmp, by making one; and whether what lies there may come to a disk. */
import { mkdtempSync, readFileSync, realpathSync, rmdirSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { unmountIfMounted } from "../../sandbox/host/mounts.ts";
import { chooseTmp, type Tmp } from "../../sandbox/jail/tmp.ts";
import type { Finding } from "./check.ts";

const MIB = 1024 * 1024;
/** Lambda's least and most, in MB. */
const SIZES = [512, 10_240];
const KINDS: Readonly<Record<Tmp["kind"], string>> = {
  disk: "disks in memory",
  tmpfs: "tmpfs, which count as the function's memory",
};
const USER = { uid: 993, gid: 990 };

interface Sources {
  /** Of proc_swaps(5). */
  swaps: () => string;
  /** The device mapper's name for what a block device is; empty where that is none of its. */
  mapping: (device: string) => string;
}

const ofThisHost: Sources = {
  swaps: () => textOf("/proc/swaps"),
  mapping: (device) => textOf(`/sys/class/block/${device}/dm/uuid`),
};

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Where memory is swapped to in the clear: swap files and devices that are neither encrypted (dm-crypt) nor memory (zram). */
export function clearSwap({ swaps, mapping }: Sources = ofThisHost): string[] {
  const places = swaps().split("\n").slice(1);
  return places
    .map((line) => line.split(/\s+/))
    .filter(([path = "", type]) => {
      if (path === "") return false;
      if (type !== "partition") return true;
      const device = basename(resolved(path));
      return !device.startsWith("zram") && !mapping(device).startsWith("CRYPT-");
    })
    .map(([path = ""]) => path);
}

function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** What room there is, in words. */
async function measured(tmp: Tmp, dir: string, tmpMB: number): Promise<string> {
  await tmp.mount(dir, tmpMB, 0);
  try {
    const { bavail, bsize, ffree } = statfsSync(dir);
    return `${Math.floor((bavail * bsize) / MIB)} MB and ${ffree} files`;
  } finally {
    unmountIfMounted(dir);
  }
}

export async function checkTmp(): Promise<Finding> {
  const name = "/tmp";
  if (process.getuid?.() !== 0) return { name, status: "info", detail: "making one needs root" };
  const dir = mkdtempSync(join(tmpdir(), "kiln-doctor-"));
  try {
    const tmp = await chooseTmp(dir, USER);
    const rooms: string[] = [];
    // oxlint-disable-next-line no-await-in-loop -- At one place, one after the other.
    for (const size of SIZES) rooms.push(await measured(tmp, dir, size));
    const detail = `${KINDS[tmp.kind]}, made with room for ${rooms.join(", and for ")}`;
    const swap = clearSwap();
    if (swap.length > 0) {
      const todo = "Turn swap off (swapoff -a), or encrypt it (crypttab(5), option swap).";
      return { name, status: "warning", detail: `${detail}; memory may come to ${swap.join(", ")} in the clear`, todo };
    }
    if (tmp.kind === "disk") return { name, status: "ok", detail };
    const todo = "For disks: apt-get install e2fsprogs, and loop devices (modprobe loop).";
    return { name, status: "warning", detail, todo };
  } finally {
    rmdirSync(dir);
  }
}
