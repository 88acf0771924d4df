/** One runtime image: base tree, Node.js at /var/lang/bin/node and the bootstrap in /var/runtime, as AWS has them. */
import { chmod, copyFile, mkdir, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";

import type { CatalogueEntry } from "./catalogue.ts";
import { fileDigest, publish } from "./disk.ts";
import { writeManifest } from "./manifest.ts";
import type { Arch, NodeBuild } from "./node-builds.ts";
import { nodeTarball } from "./node-package.ts";
import { bootstrapFiles, EROFS_ARGS } from "./recipe.ts";
import { run } from "./run.ts";

export interface BuildImageOptions {
  dir: string;
  /** A directory of this build alone, on the same file system as `dir`. */
  work: string;
  entry: CatalogueEntry & { build: NodeBuild };
  key: string;
  arch: Arch;
  base: string;
  onStep(step: string): void;
  signal?: AbortSignal | undefined;
}

export async function buildImage(options: BuildImageOptions): Promise<void> {
  const { dir, work, entry, arch, signal } = options;
  options.onStep(`Node.js ${entry.build.version} from npm`);
  const tarball = await nodeTarball(dir, entry.build, arch, work);

  options.onStep("assembling");
  const root = join(work, entry.id);
  await mkdir(root);
  const tar = { install: "apt-get install tar", signal };
  await run("tar", ["--extract", "--file", options.base, "--numeric-owner", "--same-permissions", "-C", root], tar);
  const lang = join(root, "var/lang");
  await mkdir(lang, { recursive: true });
  await run(
    "tar",
    ["--extract", "--gzip", "--file", tarball, "--no-same-owner", "--strip-components=1", "-C", lang].concat([
      "package/bin/node",
      "package/LICENSE",
    ]),
    tar,
  );
  await chmod(join(lang, "bin/node"), 0o755);
  await symlink("/var/lang/bin/node", join(root, "usr/bin/node"));
  await addBootstrap(root, entry.family);

  options.onStep("writing the image");
  const image = join(work, `${entry.id}.erofs`);
  await run("mkfs.erofs", [...EROFS_ARGS, image, root], { install: "apt-get install erofs-utils", signal });
  await rm(root, { recursive: true, force: true });
  const digest = await fileDigest(image, "sha256", "hex");
  const { size } = await stat(image);
  const name = `${entry.id}-${digest.slice(0, 16)}.erofs`;
  await publish(image, join(dir, name));
  await writeManifest(dir, work, { id: entry.id, key: options.key, image: name, size, digest });
}

async function addBootstrap(root: string, family: string): Promise<void> {
  const runtime = join(root, "var/runtime");
  await mkdir(runtime, { recursive: true });
  for (const { name, path } of bootstrapFiles(family)) {
    await copyFile(path, join(runtime, name));
    await chmod(join(runtime, name), name === "bootstrap" ? 0o755 : 0o644);
  }
  // Functions that set NODE_EXTRA_CA_CERTS name this file, as AWS documents it.
  await symlink("/etc/ssl/certs/ca-certificates.crt", join(runtime, "ca-cert.pem"));
}
