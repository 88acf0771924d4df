import { rmdirSync } from "node:fs";
import { systemCode } from "../../base/errors.ts";

/** Removes a directory (or a cgroup) in which nothing is. False while something is in it; true also where it is gone. */
export function removeIfEmpty(dir: string): boolean {
  try {
    rmdirSync(dir);
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") return true;
    if (code === "EBUSY" || code === "ENOTEMPTY") return false;
    throw error;
  }
}
