/**
 * Code on its way into the store. An artifact is written before the document that names it, so a collection of unused
 * artifacts must never run between the two: uploads share a gate that a collection takes alone.
 */
import type { Artifacts, StoredArtifact, UsedArtifacts } from "../artifacts/contract.ts";
import { invalidParameter, zipTooLarge } from "./errors.ts";

export interface CodeStore {
  /** Stores the zip and keeps it safe until `use`, which is to commit a document that names it, has ended. */
  put<T>(zip: Uint8Array, use: (artifact: StoredArtifact) => Promise<T>): Promise<T>;
  /**
   * Keeps what is stored safe until `use` has ended, which finds artifacts in other documents and is to commit one that
   * names them. Not within another `hold` or `put`.
   */
  hold<T>(use: () => Promise<T>): Promise<T>;
  /** Forgets the artifacts that `findUsed` does not name. No upload is under way meanwhile. */
  collect(findUsed: () => Promise<UsedArtifacts>): Promise<number>;
}

export function createCodeStore(artifacts: Artifacts): CodeStore {
  let uploads = 0;
  let uploadsEnded: (() => void) | undefined;
  let collecting: Promise<unknown> = Promise.resolve();
  let closed = false;

  const enter = async (): Promise<void> => {
    if (closed) {
      await collecting;
      return enter();
    }
    uploads += 1;
  };

  const hold = async <T>(use: () => Promise<T>): Promise<T> => {
    await enter();
    try {
      return await use();
    } finally {
      uploads -= 1;
      if (uploads === 0) uploadsEnded?.();
    }
  };

  return {
    put: (zip, use) => hold(async () => use(await artifacts.put(zip))),
    hold,
    collect(findUsed) {
      const run = async () => {
        closed = true;
        try {
          if (uploads > 0) await new Promise<void>((resolve) => (uploadsEnded = resolve));
          return await artifacts.collect(await findUsed());
        } finally {
          closed = false;
        }
      };
      const result = collecting.then(run);
      collecting = result.catch(() => undefined);
      return result;
    },
  };
}

/** The zip of a request that may name its code in several ways. Throws AWS's errors. */
export function zipOf(
  code: { ZipFile?: Uint8Array | undefined; S3Bucket?: string | undefined; S3Key?: string | undefined } | undefined,
  maxBytes: number,
): Uint8Array {
  const zip = code?.ZipFile;
  if (!zip) throw invalidParameter("Please provide a source for function code.");
  if (zip.byteLength === 0) throw invalidParameter("Uploaded file must be a non-empty zip");
  if (zip.byteLength > maxBytes) throw zipTooLarge(maxBytes);
  return zip;
}
