/** The Firecracker that an operator has given to Kiln, as `installFirecracker` has left it. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { KilnError, systemCode } from "../../../base/errors.ts";
import { fileDigest } from "../../runtimes/disk.ts";
import { checkVersion, parseVersion } from "./version.ts";

export interface FirecrackerFiles {
  /** For instance `1.16.1`. */
  version: string;
  /** Of the program as it was given, in hex. */
  sha256: string;
  /** Path of an erofs image with the program at /firecracker, and places to mount on. */
  image: string;
  /** Of that image, in hex. */
  imageSha256: string;
}

export const MANIFEST = "firecracker.json";

/** Beside the runtime images. */
export function firecrackerDirectory(runtimesDir: string): string {
  return join(runtimesDir, "microvm");
}

/** Undefined where none has been given. */
export function firecrackerFiles(runtimesDir: string): FirecrackerFiles | undefined {
  const dir = firecrackerDirectory(runtimesDir);
  let manifest: Partial<FirecrackerFiles> | null;
  try {
    manifest = JSON.parse(readFileSync(join(dir, MANIFEST), "utf8")) as Partial<FirecrackerFiles> | null;
  } catch (error) {
    if (systemCode(error) === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
  const { version, sha256, image, imageSha256 } = manifest ?? {};
  for (const text of [version, sha256, image, imageSha256]) if (typeof text !== "string") return undefined;
  const files = { version, sha256, image: join(dir, String(image)), imageSha256 } as FirecrackerFiles;
  return statSync(files.image, { throwIfNoEntry: false }) === undefined ? undefined : files;
}

/**
 * The same, looked at again: the image is the one that was made, and no flaw of that version has become known since.
 * @throws KilnError `NO_FIRECRACKER`, `BAD_FIRECRACKER`.
 */
export async function usableFirecracker(runtimesDir: string): Promise<FirecrackerFiles> {
  const files = firecrackerFiles(runtimesDir);
  if (files === undefined) {
    throw new KilnError("NO_FIRECRACKER", "Kiln has no Firecracker.", {
      hint: "Give it the binary of a release: kiln setup microvm --firecracker PATH",
    });
  }
  checkVersion(parseVersion(`Firecracker v${files.version}`));
  if ((await fileDigest(files.image, "sha256", "hex")) !== files.imageSha256) {
    throw new KilnError("BAD_FIRECRACKER", `${files.image} is not what was made of the binary that was given.`, {
      hint: "Give it again: kiln setup microvm --firecracker PATH",
    });
  }
  return files;
}
