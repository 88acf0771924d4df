/** Which images are there, and which go when they are too many: those that were used longest ago. */
import { rmSync } from "node:fs";
import { stat } from "node:fs/promises";
import type { Clock } from "../base/clock.ts";
import { systemCode } from "../base/errors.ts";

/** An image that was asked for is mounted within this time (ms); removed before, its environment would not start. */
const MOUNTED_WITHIN_MS = 60_000;

export interface ImageShelf {
  /** An image has, or is about to have, this path. */
  written(path: string): void;
  /** Whether the image is there; it counts as used now. */
  use(path: string): Promise<boolean>;
  /** Removes images until the others fit, or were all used just now. */
  makeRoom(): Promise<void>;
}

export function createImageShelf({ maxBytes, clock }: { maxBytes: number; clock: Clock }): ImageShelf {
  /** When they were used, in ms since the epoch; the one that was used longest ago first. */
  const used = new Map<string, number>();

  function touch(path: string): void {
    used.delete(path);
    used.set(path, clock());
  }

  return {
    written: touch,
    async use(path) {
      // Before the look: what was touched stays while it is being looked at.
      touch(path);
      if ((await sizeOf(path)) !== undefined) return true;
      used.delete(path);
      return false;
    },
    async makeRoom() {
      if (maxBytes === Number.POSITIVE_INFINITY) return;
      const sizes = new Map<string, number>();
      for (const path of used.keys()) sizes.set(path, (await sizeOf(path)) ?? 0);
      let bytes = 0;
      for (const size of sizes.values()) bytes += size;
      for (const [path, size] of sizes) {
        const at = used.get(path);
        if (bytes <= maxBytes) return;
        if (at === undefined || clock() - at < MOUNTED_WITHIN_MS) continue;
        used.delete(path);
        // At once: whoever asks for it now has to see that it is gone.
        rmSync(path, { force: true });
        bytes -= size;
      }
    },
  };
}

/** Undefined when there is no such file. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    return undefined;
  }
}
