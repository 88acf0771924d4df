/**
 * A new root key, and a new data key for what is written from now on. The data keys that were there stay, wrapped by the
 * new root key: nothing that is stored has to be written again.
 *
 * 1. The key file gets the new root key beside the old one.
 * 2. keys.json is replaced by one that the new root key wraps.
 * 3. The old root key leaves the key file.
 *
 * At every moment the key file has the key of the keys.json that is there. A rotation that died in the middle is ended by
 * the next one.
 */
import { closeSync, openSync } from "node:fs";
import { tryLock } from "../../base/file-lock.ts";
import { KilnError } from "../../base/errors.ts";
import { readRing } from "./key-ring.ts";
import { newRootKey, readKeyFile, rootKeyId, writeKeyFile } from "./key-file.ts";
import type { OuterRoot } from "./roots/contract.ts";
import { newDataKey, readRingDocument, unusable, writeRing } from "./ring-file.ts";

export interface Rotation {
  readonly rootKeyId: string;
  readonly dataKeyId: string;
  readonly dataKeys: number;
  /** The old root key is still in the key file, which Kiln has not made. */
  readonly oldKept: boolean;
}

/** Throws KilnError: KEY_FILE_…, KEYS_UNUSABLE, ROTATION_RUNNING. */
export async function rotateKeys(file: string, keyFile: string, outer?: OuterRoot): Promise<Rotation> {
  const lock = openSync(`${file}.lock`, "a", 0o600);
  try {
    if (tryLock(lock) !== "locked") {
      throw new KilnError("ROTATION_RUNNING", "Another process is changing the keys of this state directory.");
    }
    return await (outer === undefined ? rotate(file, keyFile) : rotateUnder(outer, file, keyFile));
  } finally {
    closeSync(lock);
  }
}

/** Whatever wrapped the data keys before, this root does afterwards: one replacement of keys.json. */
async function rotateUnder(root: OuterRoot, file: string, keyFile: string): Promise<Rotation> {
  const ring = await readRing({ file, keyFile, root });
  if (ring === undefined) throw unusable(file, "is not there: nothing has keys yet");
  const dataKey = newDataKey(ring.keys);
  await writeRing(file, { ...ring, keys: [...ring.keys, dataKey] }, root);
  return { rootKeyId: root.name, dataKeyId: dataKey.id, dataKeys: ring.keys.length + 1, oldKept: false };
}

async function rotate(file: string, keyFile: string): Promise<Rotation> {
  const ring = await readRing({ file, keyFile });
  const roots = await readKeyFile(keyFile);
  if (ring === undefined || roots === undefined) throw unusable(file, "is not there: nothing has keys yet");
  const root = newRootKey();
  const dataKey = newDataKey(ring.keys);
  const own = roots.ring !== undefined;
  const inUse = new Set((await readRingDocument(file))?.keys.map((key) => key.root));
  const kept = own ? roots.keys.filter((key) => inUse.has(rootKeyId(key))) : roots.keys;
  await writeKeyFile(keyFile, { ...roots, keys: [root, ...kept] });
  await writeRing(file, { ...ring, keys: [...ring.keys, dataKey] }, root);
  if (own) await writeKeyFile(keyFile, { ...roots, keys: [root] });
  return {
    rootKeyId: rootKeyId(root),
    dataKeyId: dataKey.id,
    dataKeys: ring.keys.length + 1,
    oldKept: !own,
  };
}
