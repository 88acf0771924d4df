/**
 * Where the files of snapshots lie: each in a tmpfs of its own below the run directory, which nobody but root can enter. So
 * they are in memory alone, bounded, and go with the mount, also after a kill.
 */
import { chmodSync, chownSync, mkdirSync, rmdirSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { KilnError } from "../../../base/errors.ts";
import { unmountAside } from "../../host/libc.ts";
import { mountTmpfs } from "../../host/mounts.ts";
import type { Owner } from "../../jail/output-pipe.ts";

export const FILES = ["state", "memory", "disk"] as const;
/** On the host: as `VmSnapshot` has them, and /tmp. */
export type SnapshotFiles = Record<(typeof FILES)[number], string>;

/** What all snapshots together may take of the host's memory. */
const SHARE = 0.25;
const MIB = 1024 * 1024;
const INODES = 8;
/** More than any drive: what a function's drive is in a machine that does not know its function. It has no data. */
export const NOTHING_BYTES = 64 * 1024 ** 3;

export interface PlacedSnapshot extends SnapshotFiles {
  /** Of memory that is used. */
  bytes(): number;
  /** Nobody writes there any more. */
  close(): void;
  remove(): Promise<void>;
}

export interface SnapshotPlaces {
  /** A file that is as large as any drive, and empty. */
  readonly nothing: string;
  /**
   * @param most Bytes. Throws KilnError SNAPSHOT_ROOM.
   * @param owner Ids on the host of who writes there, until it is closed.
   */
  make(most: number, owner?: Owner): PlacedSnapshot;
}

/** @param dir Is made on first use. */
export function snapshotPlaces(dir: string, roomBytes = Math.floor(totalmem() * SHARE)): SnapshotPlaces {
  const nothing = join(dir, "nothing");
  const held = new Set<{ bytes: () => number }>();
  let count = 0;
  let made = false;

  function provide(): void {
    if (made) return;
    mkdirSync(dir, { mode: 0o700 });
    writeFileSync(nothing, "");
    truncateSync(nothing, NOTHING_BYTES);
    made = true;
  }

  return {
    get nothing() {
      provide();
      return nothing;
    },
    make(most, owner) {
      provide();
      const used = [...held].reduce((sum, one) => sum + one.bytes(), 0);
      const room = Math.min(most, roomBytes - used);
      if (room < MIB) {
        throw new KilnError("SNAPSHOT_ROOM", "Snapshots take as much of this machine's memory as they may.");
      }
      const own = join(dir, String(++count));
      mkdirSync(own, { mode: 0o700 });
      mountTmpfs(own, { bytes: room, inodes: INODES }, "noexec");
      const files = { state: join(own, "state"), memory: join(own, "memory"), disk: join(own, "disk") };
      for (const name of FILES) {
        writeFileSync(files[name], "", { mode: 0o600 });
        if (owner !== undefined && name !== "disk") chownSync(files[name], owner.uid, owner.gid);
      }
      let open = true;
      const counted = {
        // While it is written it may become as large as it may.
        bytes: () => (open ? room : FILES.reduce((sum, name) => sum + statSync(files[name]).blocks * 512, 0)),
      };
      held.add(counted);
      return {
        ...files,
        bytes: counted.bytes,
        close() {
          open = false;
          for (const name of FILES) {
            chownSync(files[name], 0, 0);
            chmodSync(files[name], 0o444);
          }
        },
        async remove() {
          held.delete(counted);
          await unmountAside(own);
          rmdirSync(own);
        },
      };
    },
  };
}
