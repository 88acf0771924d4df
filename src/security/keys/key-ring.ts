/**
 * The data keys of a state directory, opened with its root key. The first start makes both. A rotation by another process
 * is followed: the file is looked at every second.
 */
import { unwatchFile, watchFile } from "node:fs";
import { KilnError } from "../../base/errors.ts";
import { type DataKeys, keyMissing } from "./data-keys.ts";
import { newRootKey, readKeyFile, writeKeyFile } from "./key-file.ts";
import type { OuterRoot } from "./roots/contract.ts";
import { newRing, readRingDocument, type Ring, unwrapRing, writeRing } from "./ring-file.ts";

export interface KeyRingOptions {
  /** `keys.json` */
  readonly file: string;
  readonly keyFile: string;
  /** Wraps the data keys instead of the key file, which then only opens what it wrapped before. */
  readonly root?: OuterRoot | undefined;
  /** A new key file was made: its owner wants to know that there is something to keep. */
  readonly made?: (keyFile: string) => void;
  /** Failures that nobody waits for. */
  readonly report: (error: unknown) => void;
}

export interface KeyRing extends DataKeys {
  close(): void;
}

const LOOK_MS = 1000;

/** Throws KilnError KEY_FILE_… or KEYS_UNUSABLE. */
export async function openKeyRing(options: KeyRingOptions): Promise<KeyRing> {
  const { file, report } = options;
  let ring = (await readRing(options)) ?? (await makeRing(options));

  const look = (): void => {
    readRing(options).then((next) => {
      if (next === undefined) throw new KilnError("KEYS_UNUSABLE", `${file} is gone.`);
      ring = next;
    }, report);
  };
  watchFile(file, { persistent: false, interval: LOOK_MS }, look);

  return {
    current() {
      const key = ring.keys.at(-1);
      if (key === undefined) throw keyMissing("current");
      return key;
    },
    find: (id) => ring.keys.find((key) => key.id === id),
    close: () => unwatchFile(file, look),
  };
}

/** Undefined when there is no ring yet. */
export async function readRing({
  file,
  keyFile,
  root: outer,
}: Pick<KeyRingOptions, "file" | "keyFile" | "root">): Promise<Ring | undefined> {
  const document = await readRingDocument(file);
  if (document === undefined) return undefined;
  const others = document.keys.filter(({ root }) => outer?.knows(root) !== true);
  if (others.length === 0) return unwrapRing(file, document, { keys: [], outer });
  const roots = await readKeyFile(keyFile);
  if (roots === undefined) {
    const wanted = others.at(-1)?.root ?? "";
    throw new KilnError("KEY_FILE_MISSING", `The key file ${keyFile} is not there; the key ${wanted} was in it.`, {
      hint: "Put it back from a backup, or name it with KILN_KEY_FILE. Nothing can be read without it.",
    });
  }
  if (roots.ring !== undefined && roots.ring !== document.ring) {
    throw new KilnError("KEY_FILE_OF_ANOTHER", `The key file ${keyFile} belongs to another state directory.`, {
      hint: "Name the right one with KILN_KEY_FILE.",
    });
  }
  return unwrapRing(file, document, { keys: roots.keys, outer });
}

/** The key file first: a ring whose root is lost could never be opened, a root without a ring is used by the next start. */
async function makeRing({ file, keyFile, root: outer, made }: KeyRingOptions): Promise<Ring> {
  if (outer !== undefined) {
    const ring = newRing();
    await writeRing(file, ring, outer);
    return ring;
  }
  const there = await readKeyFile(keyFile);
  const [given] = there?.keys ?? [];
  const ring = there?.ring === undefined ? newRing() : { ...newRing(), id: there.ring };
  const root = given ?? newRootKey();
  if (there === undefined) {
    await writeKeyFile(keyFile, { ring: ring.id, keys: [root] });
    made?.(keyFile);
  }
  await writeRing(file, ring, root);
  return ring;
}
