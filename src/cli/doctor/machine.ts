/** The machine and the user: system, root, Node.js, memory, disk. */
import { readFile, statfs } from "node:fs/promises";
import { arch, cpus, release, totalmem, type } from "node:os";
import { dirname } from "node:path";
import { systemCode } from "../../base/errors.ts";
import type { Finding, Places } from "./check.ts";

const GB = 1024 ** 3;

export function checkSystem(): Finding {
  const detail = `${type()} ${release()}, ${arch()}`;
  if (process.platform !== "linux") {
    return {
      name: "system",
      status: "missing",
      detail,
      todo: "Kiln runs on Linux: use a Linux machine or a virtual one.",
    };
  }
  const [major = 0, minor = 0] = release().split(".").map(Number);
  if (major < 5 || (major === 5 && minor < 4)) {
    return { name: "system", status: "missing", detail, todo: "Kiln needs Linux 5.4 or newer, which has EROFS." };
  }
  if (arch() !== "x64" && arch() !== "arm64") {
    return { name: "system", status: "missing", detail, todo: "Kiln has runtime images for x64 and arm64 only." };
  }
  return { name: "system", status: "ok", detail };
}

export function checkRoot(): Finding {
  const uid = process.getuid?.();
  if (uid === 0) return { name: "root", status: "ok", detail: "this is root" };
  const todo = "Run it as root (sudo kiln doctor): jails need mounts, cgroups and namespaces.";
  return { name: "root", status: "missing", detail: `this is user ${uid ?? "?"}`, todo };
}

export function checkNode(): Finding {
  return { name: "Node.js", status: "ok", detail: `${process.versions.node} at ${process.execPath}` };
}

export async function checkMemory(): Promise<Finding> {
  const text = await readFile("/proc/meminfo", "utf8").catch(() => "");
  const available = Number(/^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1] ?? Number.NaN) * 1024;
  const detail = `${gigabytes(totalmem())} in all${Number.isNaN(available) ? "" : `, ${gigabytes(available)} available`}, ${cpus().length} CPUs`;
  if (available < GB / 2) {
    const todo = "Free some: a function needs its memory setting, and Kiln itself about 200 MB.";
    return { name: "memory", status: "warning", detail, todo };
  }
  return { name: "memory", status: "ok", detail };
}

export async function checkDisks({ stateDir, runtimesDir }: Places): Promise<Finding[]> {
  return [await checkDisk("state disk", stateDir, 1), await checkDisk("image disk", runtimesDir, 2)];
}

async function checkDisk(name: string, path: string, least: number): Promise<Finding> {
  const { bavail, bsize } = await nearestStatfs(path);
  const free = bavail * bsize;
  const detail = `${gigabytes(free)} free for ${path}`;
  if (free >= least * GB) return { name, status: "ok", detail };
  return { name, status: "warning", detail, todo: `Free some space: ${least} GB is a sensible least.` };
}

/** Of the path, or of the folder that it will be made in. */
async function nearestStatfs(path: string): Promise<{ bavail: number; bsize: number }> {
  try {
    return await statfs(path);
  } catch (thrown) {
    if (systemCode(thrown) !== "ENOENT" || path === dirname(path)) throw thrown;
    return nearestStatfs(dirname(path));
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / GB).toFixed(1)} GB`;
}
