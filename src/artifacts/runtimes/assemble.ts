/** The content of an image, by the kind of its build; the bootstrap comes on top. */
import { X509Certificate } from "node:crypto";
import {
  appendFile,
  chmod,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";

import type { Arch, DebianBuild, MavenJar, NodeBuild, OciBuild, RuntimeBuild } from "./builds.ts";
import { debianTree } from "./debian-tree.ts";
import { javaKeyStore, type TrustedCertificate } from "./java-key-store.ts";
import { classNames, mavenJar, unpackMember } from "./maven.ts";
import { nodeTarball } from "./node-package.ts";
import { run } from "./run.ts";

export interface AssembleOptions {
  id: string;
  /** Where downloads are kept. */
  dir: string;
  /** A directory of this build alone. */
  work: string;
  arch: Arch;
  /** The tree to make. */
  root: string;
  /** The archive of the user space that all share; resolves when it is there. */
  base: () => Promise<string>;
  /** URL of a Maven repository. */
  mavenRepository: string;
  /** The archive of the AWS SDK of Node.js; resolves when it is there. */
  nodeSdk: () => Promise<string>;
  onStep: (step: string) => void;
  signal?: AbortSignal | undefined;
}

const DEBIAN_ARCH: Readonly<Record<Arch, string>> = { x64: "amd64", arm64: "arm64" };
/** As the libraries of Java's client name machines. */
const JAVA_MACHINE: Readonly<Record<Arch, string>> = { x64: "x86_64", arm64: "aarch_64" };
const TAR = "apt-get install tar";
const UNPACK = ["--extract", "--numeric-owner", "--same-permissions", "--file"];

export async function assemble(build: Exclude<RuntimeBuild, OciBuild>, options: AssembleOptions): Promise<void> {
  switch (build.kind) {
    case "node":
      return assembleNode(build, options);
    case "debian":
      return assembleDebian(build, options);
    case "provided":
      return unpackBase(options);
  }
}

/** Node.js at /var/lang/bin/node, as AWS has it. */
async function assembleNode(build: NodeBuild, options: AssembleOptions): Promise<void> {
  const { dir, work, root, arch, signal } = options;
  options.onStep(`Node.js ${build.version} from npm`);
  const tarball = await nodeTarball(dir, build, arch, work, signal);
  await unpackBase(options);
  await run("tar", [...UNPACK, await options.nodeSdk(), "-C", root], { install: TAR, signal });
  const lang = join(root, "var/lang");
  await mkdir(lang, { recursive: true });
  await run(
    "tar",
    ["--extract", "--gzip", "--file", tarball, "--no-same-owner", "--strip-components=1", "-C", lang].concat([
      "package/bin/node",
      "package/LICENSE",
    ]),
    { install: TAR, signal },
  );
  await chmod(join(lang, "bin/node"), 0o755);
  await symlink("/var/lang/bin/node", join(root, "usr/bin/node"));
  // They may lead into layers, which are not here.
  for (const [path, target] of Object.entries(build.links ?? {})) await symlink(target, join(root, path));
}

async function assembleDebian(build: DebianBuild, options: AssembleOptions): Promise<void> {
  const { root, work, arch, signal } = options;
  options.onStep(`packages of Debian ${build.suite}`);
  await debianTree({ suite: build.suite, packages: build.packages, keep: build.keep, root, work, signal });
  if (build.borrowed !== undefined) await borrow(build.borrowed, options);
  if (build.lang !== undefined) {
    const from = build.lang.replaceAll("ARCH", DEBIAN_ARCH[arch]);
    await rm(join(root, "var/lang"), { recursive: true });
    await rename(join(root, from), join(root, "var/lang"));
    await symlink("/var/lang", join(root, from));
  }
  for (const path of build.remove ?? []) await rm(join(root, path), { recursive: true, force: true });
  if (build.javaKeyStore === true) await addKeyStore(root);
  for (const jar of build.jars ?? []) await addJar(jar, options);
  for (const [path, target] of Object.entries(build.links ?? {})) await link(root, path, target);
}

async function borrow(
  { suite, packages, directory }: NonNullable<DebianBuild["borrowed"]>,
  { id, root, work, onStep, signal }: AssembleOptions,
): Promise<void> {
  onStep(`packages of Debian ${suite}`);
  const other = join(work, `${id}-${suite}`);
  await debianTree({ suite, packages, root: other, work, signal });
  await mkdir(join(root, dirname(directory)), { recursive: true });
  await rename(join(other, directory), join(root, directory));
  await rm(other, { recursive: true });
}

async function addJar(jar: MavenJar, options: AssembleOptions): Promise<void> {
  const { root, arch, mavenRepository: repository } = options;
  options.onStep(`${jar.artifact} from Maven Central`);
  const path = await mavenJar(jar, { ...options, repository });
  const lib = join(root, "var/runtime/lib");
  await mkdir(lib, { recursive: true });
  await copyFile(path, join(lib, `${jar.artifact}.jar`));
  await chmod(join(lib, `${jar.artifact}.jar`), 0o644);
  await appendFile(join(lib, "classes.list"), `${(await classNames(path)).join("\n")}\n`);
  if (jar.unpack === undefined) return;
  const { member, to } = jar.unpack;
  await unpackMember(path, member.replaceAll("MACHINE", JAVA_MACHINE[arch]), join(root, to));
}

async function addKeyStore(root: string): Promise<void> {
  const directory = join(root, "usr/share/ca-certificates/mozilla");
  const certificates: TrustedCertificate[] = [];
  for (const name of (await readdir(directory)).sort()) {
    const { raw } = new X509Certificate(await readFile(join(directory, name)));
    certificates.push({ alias: `debian:${name.toLowerCase().replace(/\.crt$/, ".pem")}`, bytes: raw });
  }
  await mkdir(join(root, "etc/ssl/certs/java"), { recursive: true });
  await writeFile(join(root, "etc/ssl/certs/java/cacerts"), javaKeyStore(certificates), { mode: 0o644 });
}

/** Like `ln -sf`. */
async function link(root: string, path: string, target: string): Promise<void> {
  await mkdir(join(root, dirname(path)), { recursive: true });
  await rm(join(root, path), { force: true });
  await symlink(target, join(root, path));
  // A link to nothing would be noticed by the first function only.
  await lstat(join(root, target));
}

async function unpackBase({ root, base, onStep, signal }: AssembleOptions): Promise<void> {
  const archive = await base();
  onStep("assembling");
  await mkdir(root, { recursive: true });
  await run("tar", [...UNPACK, archive, "-C", root], { install: TAR, signal });
}
