/**
 * Code on its way into the store. An artifact is written before the document that names it, so a collection of unused
 * artifacts must never run between the two: uploads share a gate that a collection takes alone.
 */
import type { Artifacts, FetchObject, StoredArtifact, UsedArtifacts } from "../artifacts/contract.ts";
import type { AccountLimits } from "./contract.ts";
import { invalidParameter, unsupported, zipTooLarge } from "./errors.ts";

export interface CodeStore {
  /** Stores the zip, encrypted with `key` where there is one, and keeps it safe until `use`, which is to commit a document that names it, has ended. */
  put<T>(zip: Uint8Array, use: (artifact: StoredArtifact) => Promise<T>, key?: Uint8Array): Promise<T>;
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
    put: (zip, use, key) => hold(async () => use(await artifacts.put(zip, key))),
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

/** What requests say of where their code is: functions and layers in the same way. */
export interface CodeSource {
  ZipFile?: Uint8Array | undefined;
  S3Bucket?: string | undefined;
  S3Key?: string | undefined;
  S3ObjectVersion?: string | undefined;
  S3ObjectStorageMode?: string | undefined;
}

export interface ZipRules {
  limits: Pick<AccountLimits, "codeSizeZipped" | "codeSizeUnzipped">;
  fetchObject: FetchObject;
}

/**
 * The zip of a request, which brings it along or names an object of S3. Throws AWS's errors. An object may be larger
 * than what a request can carry.
 */
export async function zipOf(rules: ZipRules, source: CodeSource | undefined): Promise<Uint8Array> {
  const { ZipFile: zip, S3Bucket: bucket, S3Key: key, S3ObjectVersion: version } = source ?? {};
  if (source?.S3ObjectStorageMode === "REFERENCE") {
    throw unsupported("S3ObjectStorageMode REFERENCE", "code is copied when it is uploaded (COPY).");
  }
  if (zip) {
    if (bucket ?? key ?? version) {
      throw invalidParameter("Please do not provide other FunctionCode parameters when providing a ZipFile.");
    }
    return notEmpty(zip, rules.limits.codeSizeZipped);
  }
  if (!bucket || !key) throw invalidParameter("Please provide a source for function code.");
  const object = { bucket, key, ...(version ? { version } : {}) };
  const maxBytes = rules.limits.codeSizeUnzipped;
  return notEmpty(await rules.fetchObject(object, { maxBytes }), maxBytes);
}

function notEmpty(zip: Uint8Array, maxBytes: number): Uint8Array {
  if (zip.byteLength === 0) throw invalidParameter("Uploaded file must be a non-empty zip");
  if (zip.byteLength > maxBytes) throw zipTooLarge(maxBytes);
  return zip;
}

/** Where no store of objects is configured. */
export const noObjects: FetchObject = async () => {
  throw invalidParameter(
    "Code in S3 cannot be read, because Kiln was started without an object store. Set KILN_S3_ENDPOINT to the URL of an " +
      "S3-compatible store, with KILN_S3_ACCESS_KEY_ID and KILN_S3_SECRET_ACCESS_KEY, or upload the code in the request (ZipFile).",
  );
};
