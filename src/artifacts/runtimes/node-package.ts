/** Node.js for the images, from npm's registry. */
import { join } from "node:path";

import type { Arch, NodeBuild } from "./builds.ts";
import { publish } from "./disk.ts";
import { downloadPackages, hasIntegrity, tarballName } from "./npm.ts";

/** Path of the verified tarball in `dir`, downloaded when it is not there yet. */
export async function nodeTarball(
  dir: string,
  build: NodeBuild,
  arch: Arch,
  work: string,
  signal?: AbortSignal,
): Promise<string> {
  const wanted = { name: `node-linux-${arch}`, version: build.version, integrity: build.integrity[arch] };
  const path = join(dir, tarballName(wanted));
  if (await hasIntegrity(path, wanted.integrity)) {
    return path;
  }
  for (const downloaded of await downloadPackages([wanted], join(work, "npm"), signal)) await publish(downloaded, path);
  return path;
}
