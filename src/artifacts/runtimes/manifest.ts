/**
 * `<id>.json` in the image directory says which image a runtime identifier has now. It is written last, so an image
 * that it names is whole.
 */
import { readFileSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { systemCode } from "../../base/errors.ts";
import { publish } from "./disk.ts";

export interface Manifest {
  id: string;
  /** Of the inputs; see recipe.ts. */
  key: string;
  /** File name in the same directory. */
  image: string;
  /** Bytes. */
  size: number;
  /** SHA-256 of the image, lower-case hex. */
  digest: string;
}

/** The manifest if it is of this key and its image is there; else undefined: it must be built. */
export function currentManifest(dir: string, id: string, key: string): Manifest | undefined {
  try {
    const manifest = parse(readFileSync(join(dir, `${id}.json`), "utf8"));
    if (manifest?.key !== key || statSync(join(dir, manifest.image)).size !== manifest.size) {
      return undefined;
    }
    return manifest;
  } catch (error) {
    if (systemCode(error) === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}

export async function writeManifest(dir: string, work: string, manifest: Manifest): Promise<void> {
  const aside = join(work, `${manifest.id}.json`);
  await writeFile(aside, `${JSON.stringify(manifest, undefined, 2)}\n`);
  await publish(aside, join(dir, `${manifest.id}.json`));
}

function parse(text: string): Manifest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // Not ours: the image is built anew.
  }
  const manifest = value as Partial<Manifest> | null;
  return typeof manifest === "object" &&
    typeof manifest?.id === "string" &&
    typeof manifest.key === "string" &&
    typeof manifest.image === "string" &&
    typeof manifest.size === "number" &&
    typeof manifest.digest === "string"
    ? (manifest as Manifest)
    : undefined;
}
