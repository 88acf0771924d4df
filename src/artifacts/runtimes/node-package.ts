/** Node.js for the images, from npm's registry: the bytes must have the catalogue's digest. */
import { execFile } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { KilnError, messageOf, systemCode } from "../../base/errors.ts";
import type { Arch, NodeBuild } from "./builds.ts";
import { fileDigest, publish } from "./disk.ts";

const INTEGRITY = /^sha512-([A-Za-z0-9+/]{86}==)$/;

/** Path of the verified tarball in `dir`, downloaded when it is not there yet. */
export async function nodeTarball(dir: string, build: NodeBuild, arch: Arch, work: string): Promise<string> {
  const name = `node-linux-${arch}`;
  const path = join(dir, `${name}-${build.version}.tgz`);
  if (await matches(path, build.integrity[arch])) {
    return path;
  }
  const downloads = join(work, "npm");
  await mkdir(downloads, { recursive: true });
  await pack(`${name}@${build.version}`, downloads);
  const downloaded = join(downloads, `${name}-${build.version}.tgz`);
  if (!(await matches(downloaded, build.integrity[arch]))) {
    throw new KilnError("DOWNLOAD_BAD", `${name}@${build.version} from the npm registry is not what Kiln expects.`, {
      hint: "The registry or something between it and this machine changed the package: do not use it.",
    });
  }
  await publish(downloaded, path);
  return path;
}

async function pack(specifier: string, directory: string): Promise<void> {
  try {
    await promisify(execFile)(
      "npm",
      ["pack", specifier, "--pack-destination", directory, "--ignore-scripts", "--silent"],
      {
        cwd: directory,
        maxBuffer: 1024 * 1024,
      },
    );
  } catch (error) {
    if (systemCode(error) === "ENOENT") {
      throw new KilnError("HOST_PROGRAM_MISSING", "npm is not installed.", {
        hint: "apt-get install npm",
        cause: error,
      });
    }
    throw new KilnError("DOWNLOAD_FAILED", `npm could not download ${specifier}: ${messageOf(error).trim()}`, {
      hint: "Check that this machine reaches the registry that `npm config get registry` names.",
      cause: error,
    });
  }
}

/** False when the file is missing; a file that differs is removed, so that it is fetched anew. */
async function matches(path: string, integrity: string): Promise<boolean> {
  const expected = INTEGRITY.exec(integrity)?.[1];
  try {
    if ((await fileDigest(path, "sha512", "base64")) === expected) {
      return true;
    }
    await rm(path, { force: true });
    return false;
  } catch (error) {
    if (systemCode(error) === "ENOENT") {
      return false;
    }
    throw error;
  }
}
