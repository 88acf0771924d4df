/** SnapStart: environments of a published version are made of a snapshot that is taken when it is published. */
import type { Readable } from "node:stream";
import type { SealedCode } from "../../artifacts/contract.ts";
import type { SnapStarter } from "../../worker/contract.ts";

/** What takes snapshots, and where they are kept. */
export interface SnapshotStore extends SnapStarter {
  /** Encrypted and on disk when it resolves; answers the id of a blob. */
  put(content: Readable): Promise<string>;
  /** Throws where it is gone or was changed. */
  read(id: string): AsyncIterable<Uint8Array>;
}

/** The snapshot of a version, as its document has it. */
export interface VersionSnapshot {
  /** What it was taken of; see `SnapStarter.kindOf`. */
  kind: string;
  /** Absent: none can be taken of this function, whose environments are initialised like any other's. */
  blob?: string;
  /** The data key that it is encrypted with, where the function has a `KMSKeyArn`. */
  sealed?: SealedCode;
}
