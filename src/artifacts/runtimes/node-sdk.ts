/**
 * The AWS SDK for JavaScript that AWS's Node.js images have in /var/runtime/node_modules: the packages of
 * node-sdk/package-lock.json, which pins their content, made once and kept as a tar archive for every image.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { exists, publish } from "./disk.ts";
import { downloadPackages } from "./npm.ts";
import { run } from "./run.ts";

const lockFile = fileURLToPath(new URL("./node-sdk/package-lock.json", import.meta.url));
/** Goes up with every change of what is left out and how the packages are laid. */
const LAYOUT_VERSION = 1;
/** Node.js loads dist-cjs, whichever way a function asks for a package. The rest is ten times as much. */
const LEFT_OUT = ["dist-es", "dist-types", "*.d.ts", "*.d.mts", "*.d.cts", "*.map", "README.md", "CHANGELOG.md"];
const TAR = "apt-get install tar";

interface Lock {
  packages: Record<string, { version?: string; integrity?: string }>;
}

/** Changes with everything that changes the archive. */
export function nodeSdkKey(): string {
  return createHash("sha256")
    .update(JSON.stringify([LAYOUT_VERSION, LEFT_OUT, readFileSync(lockFile, "utf8")]))
    .digest("hex");
}

export function nodeSdkName(): string {
  return `node-sdk-${nodeSdkKey().slice(0, 16)}.tar`;
}

/** Path of the archive, whose root is that of the image. */
export async function nodeSdkArchive(dir: string, work: string, signal?: AbortSignal): Promise<string> {
  const path = join(dir, nodeSdkName());
  if (await exists(path)) return path;
  const root = join(work, "node-sdk");
  const modules = join(root, "var/runtime/node_modules");
  const { packages } = JSON.parse(readFileSync(lockFile, "utf8")) as Lock;
  const places = Object.entries(packages).filter(([place]) => place !== "");
  const wanted = places.map(([place, { version = "", integrity = "" }]) => {
    return { name: place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length), version, integrity };
  });
  const tarballs = await downloadPackages(wanted, join(work, "node-sdk-npm"), signal);
  const unpack = ["--extract", "--gzip", "--no-same-owner", "--strip-components=1"];
  for (const [index, [place]] of places.entries()) {
    const folder = join(modules, own(place));
    await mkdir(folder, { recursive: true });
    const from = ["--file", tarballs[index] ?? "", "-C", folder];
    await run("tar", [...unpack, ...LEFT_OUT.map((name) => `--exclude=${name}`), ...from], { install: TAR, signal });
  }
  const archive = join(work, "node-sdk.tar");
  const alike = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--mode=u=rwX,go=rX"];
  await run("tar", ["--create", "--file", archive, ...alike, "-C", root, "var"], { install: TAR, signal });
  await publish(archive, path);
  await rm(root, { recursive: true });
  return path;
}

/**
 * Where a package of the lock file lies below node_modules. As on AWS, functions find the packages of the SDK, and only
 * the SDK finds what these depend on: that is in a node_modules of its own below @aws-sdk.
 */
function own(place: string): string {
  const path = place.slice("node_modules/".length);
  return path.startsWith("@aws-sdk/") ? path : `@aws-sdk/node_modules/${path}`;
}
