/** What the files of microVMs are made of, as a key: a build is skipped exactly when there is nothing to do. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EROFS_ARGS } from "../runtimes/recipe.ts";
import { GUEST_MODULES, SHARING_MODULES } from "./modules.ts";

/** Goes up with every change of how the files are made. */
const RECIPE_VERSION = 3;

export const SUITE = "bookworm";
/** The guest's kernel. */
export const KERNEL_PACKAGE = "linux-image-cloud-amd64";
/** The kernel of guests with shared directories: the one above has no client for their server. It starts a little later. */
export const SHARING_KERNEL_PACKAGE = "linux-image-amd64";
/** The server of shared directories. */
export const SHARING_SERVER_PACKAGE = "diod";
/** The VMM that Debian has. */
export const QEMU_PACKAGE = "qemu-system-x86";
/** Makes the guest's first process, which needs nothing else in the guest: it is static. */
export const COMPILER_PACKAGES: readonly string[] = ["gcc", "libc6-dev"];
/** Unpacks a kernel. */
export const XZ_PACKAGE = "xz-utils";
export const ALL_PACKAGES: readonly string[] = [
  KERNEL_PACKAGE,
  SHARING_KERNEL_PACKAGE,
  SHARING_SERVER_PACKAGE,
  QEMU_PACKAGE,
  XZ_PACKAGE,
  ...COMPILER_PACKAGES,
];
export const COMPILE: readonly string[] = ["gcc", "-static", "-O2", "-Wall", "-Wextra", "-s", "-Wl,--build-id=none"];

export const guestDirectory = fileURLToPath(new URL("../../../guest/", import.meta.url));

/** The sources of the guest's first process, headers too. */
export function guestSources(): string[] {
  return readdirSync(guestDirectory)
    .filter((name) => /\.[ch]$/.test(name))
    .sort()
    .map((name) => join(guestDirectory, name));
}

export function microvmKey(): string {
  const sources = guestSources().map((path) => readFileSync(path, "utf8"));
  const packages = [SUITE, ALL_PACKAGES];
  return createHash("sha256")
    .update(JSON.stringify([RECIPE_VERSION, packages, COMPILE, GUEST_MODULES, SHARING_MODULES, EROFS_ARGS, sources]))
    .digest("hex");
}
