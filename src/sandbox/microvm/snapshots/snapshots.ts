/** The snapshots of one sandbox. */
import { join } from "node:path";
import { Readable } from "node:stream";
import { KilnError } from "../../../base/errors.ts";
import type { JailSnapshot, Snapshots } from "../../contract.ts";
import type { Owner } from "../../jail/output-pipe.ts";
import type { SnapshotFacts } from "./facts.ts";
import { type PlacedSnapshot, type SnapshotFiles, snapshotPlaces } from "./place.ts";
import { runtimeLimits } from "./sizes.ts";
import { read, write } from "./stream.ts";

const MIB = 1024 * 1024;

export class MicrovmSnapshot implements JailSnapshot {
  readonly facts: SnapshotFacts;
  readonly bytes: number;
  readonly #placed: PlacedSnapshot;
  #uses = 0;
  #released: PromiseWithResolvers<void> | undefined;

  constructor(facts: SnapshotFacts, placed: PlacedSnapshot) {
    this.facts = facts;
    this.#placed = placed;
    this.bytes = placed.bytes();
  }

  /** Its files are there until the answer is called. Throws KilnError SNAPSHOT_GONE. */
  use(): { files: SnapshotFiles; done: () => void } {
    if (this.#released !== undefined) throw new KilnError("SNAPSHOT_GONE", "This snapshot has been released.");
    this.#uses += 1;
    let over = false;
    return {
      files: this.#placed,
      done: () => {
        if (over) return;
        over = true;
        this.#uses -= 1;
        this.#removeUnused();
      },
    };
  }

  save(): Readable {
    const { files, done } = this.use();
    const stream = Readable.from(write(this.facts, files), { objectMode: false });
    stream.once("close", done);
    return stream;
  }

  release(): Promise<void> {
    if (this.#released === undefined) {
      this.#released = Promise.withResolvers();
      this.#removeUnused();
    }
    return this.#released.promise;
  }

  #removeUnused(): void {
    if (this.#released === undefined || this.#uses > 0) return;
    this.#placed.remove().then(this.#released.resolve, this.#released.reject);
  }
}

export interface SnapshotStore extends Snapshots {
  /** See `SnapshotPlaces`. */
  readonly nothing: string;
  /** Room for the snapshot of a machine. */
  make(machineMB: number, tmpMB: number, owner: Owner): PlacedSnapshot;
}

/** @param runDir The mounts below it go with the sandbox. */
export function createSnapshotStore(runDir: string, kind: string): SnapshotStore {
  const places = snapshotPlaces(join(runDir, "snapshots"));
  return {
    kind,
    runtimeLimits,
    get nothing() {
      return places.nothing;
    },
    // Devices, and headers of pages, come on top of the memory; the disk of /tmp is a little larger than /tmp.
    make: (machineMB, tmpMB, owner) => places.make(Math.ceil(machineMB * 1.02 + tmpMB * 1.05 + 32) * MIB, owner),
    async load(from) {
      let placed: PlacedSnapshot | undefined;
      let loaded: SnapshotFacts | undefined;
      try {
        placed = await read(from, kind, async (facts, bytes) => {
          loaded = facts;
          placed = places.make(bytes + MIB);
          return placed;
        });
      } catch (error) {
        await placed?.remove();
        throw error;
      }
      placed.close();
      if (loaded === undefined) throw new KilnError("SNAPSHOT_UNFIT", "This is no snapshot.");
      return new MicrovmSnapshot(loaded, placed);
    },
  };
}
