/**
 * A directory whose files are in memory and nowhere else: a ramfs. Unlike those of a tmpfs its pages are never swapped, and
 * the kernel mounts images that lie on it without a loop device. It has no limit of its own: who writes into it keeps one.
 */
import { mkdirSync, rmdirSync } from "node:fs";
import { dirname } from "node:path";
import { KilnError, messageOf } from "../../base/errors.ts";
import { MS_NODEV, MS_NOEXEC, MS_NOSUID, mount } from "./libc.ts";
import { NAME, unmountIfMounted } from "./mounts.ts";

/** Takes away what a killed process has left there. Throws KilnError MEMORY_DIRECTORY. */
export function mountMemoryDirectory(dir: string): { close(): void } {
  const clear = () => {
    while (unmountIfMounted(dir));
  };
  try {
    clear();
    // What is above may be the run directory of all Kilns, where jails look their mounts up by path.
    mkdirSync(dirname(dir), { recursive: true, mode: 0o711 });
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    mount(NAME, dir, "ramfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700");
  } catch (cause) {
    throw new KilnError("MEMORY_DIRECTORY", `No memory can be mounted at ${dir}: ${messageOf(cause)}`, {
      hint: "Set KILN_CODE_MEMORY_MB=0 to keep images of code on disk, in the clear.",
      cause,
    });
  }
  return {
    close() {
      clear();
      rmdirSync(dir);
    },
  };
}
