/** One runtime image: a user space, a language at /var/lang and the bootstrap in /var/runtime, as AWS has them. */
import { chmod, copyFile, mkdir, readdir, rm, stat, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";

import { assemble } from "./assemble.ts";
import type { OpenRepository } from "../images/places.ts";
import type { Arch, OciBuild, RuntimeBuild } from "./builds.ts";
import type { BuildableEntry } from "./catalogue.ts";
import { fileDigest, publish } from "./disk.ts";
import { writeManifest } from "./manifest.ts";
import { writeOciImage } from "./oci-image.ts";
import { bootstrapFiles, EROFS_ARGS } from "./recipe.ts";
import { run } from "./run.ts";

export interface BuildImageOptions {
  dir: string;
  /** A directory of this build alone, on the same file system as `dir`. */
  work: string;
  entry: BuildableEntry;
  key: string;
  arch: Arch;
  /** The archive of the user space that all share; resolves when it is there. */
  base: () => Promise<string>;
  /** URL of a Maven repository. */
  mavenRepository: string;
  /** Where images of registries are. */
  openRepository: OpenRepository;
  /** The archive of the AWS SDK of Node.js; resolves when it is there. */
  nodeSdk: () => Promise<string>;
  onStep: (step: string) => void;
  signal?: AbortSignal | undefined;
}

export async function buildImage(options: BuildImageOptions): Promise<void> {
  const { dir, work, entry } = options;
  const { build, family, id } = entry;
  const image = join(work, `${entry.id}.erofs`);
  if (build.kind === "oci") await writeOciImage(image, { ...options, id, family, build });
  else await writeTree(image, build, options);
  const digest = await fileDigest(image, "sha256", "hex");
  const { size } = await stat(image);
  const name = `${entry.id}-${digest.slice(0, 16)}.erofs`;
  await publish(image, join(dir, name));
  await writeManifest(dir, work, { id: entry.id, key: options.key, image: name, size, digest });
}

/** Assembles a tree, and makes the image of it. */
async function writeTree(
  image: string,
  build: Exclude<RuntimeBuild, OciBuild>,
  options: BuildImageOptions,
): Promise<void> {
  const { work, entry, signal } = options;
  const root = join(work, entry.id);
  await assemble(build, { ...options, id: entry.id, root });
  await addBootstrap(root, entry.family);
  if (build.kind === "debian") await finish(root, build.finish ?? [], options);
  options.onStep("writing the image");
  await run("mkfs.erofs", [...EROFS_ARGS, image, root], { install: "apt-get install erofs-utils", signal });
  await rm(root, { recursive: true, force: true });
}

async function addBootstrap(root: string, family: string): Promise<void> {
  const runtime = join(root, "var/runtime");
  for (const { name, path } of bootstrapFiles(family)) {
    await mkdir(join(runtime, dirname(name)), { recursive: true });
    await copyFile(path, join(runtime, name));
    await chmod(join(runtime, name), name === "bootstrap" ? 0o755 : 0o644);
  }
  // Functions that set NODE_EXTRA_CA_CERTS name this file, as AWS documents it.
  await symlink("/etc/ssl/certs/ca-certificates.crt", join(runtime, "ca-cert.pem"));
}

/** Namespaces of their own, with a /proc, which Java needs, and without a network, which nothing needs. */
const INSIDE = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--net", "--ipc"];

/** What Debian's packages would compile when they are installed; their scripts are not run, these commands are. */
async function finish(
  root: string,
  commands: readonly (readonly string[])[],
  { onStep, signal }: Pick<BuildImageOptions, "onStep" | "signal">,
): Promise<void> {
  for (const command of commands) {
    onStep("compiling");
    await run("unshare", [...INSIDE, `--root=${root}`, ...command], { install: "apt-get install util-linux", signal });
  }
  for (const name of await readdir(join(root, "tmp"))) await rm(join(root, "tmp", name), { recursive: true });
}
