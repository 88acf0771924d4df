/**
 * Takes the Firecracker that an operator gives: its binary comes from its releases, not from any archive that the set-up
 * knows. It is looked at, its checksum recorded, and it becomes the root file system of its jail: itself and nothing else.
 */
import { constants, createReadStream } from "node:fs";
import { mkdir, mkdtemp, open, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { KilnError, systemCode } from "../../../base/errors.ts";
import { fileDigest, publish } from "../../runtimes/disk.ts";
import { lockDirectory } from "../../runtimes/lock.ts";
import { EROFS_ARGS } from "../../runtimes/recipe.ts";
import { run } from "../../runtimes/run.ts";
import { ELF_HEAD_BYTES, readElf } from "./elf.ts";
import { firecrackerDirectory, type FirecrackerFiles, firecrackerFiles, MANIFEST } from "./files.ts";
import { checkVersion, parseVersion } from "./version.ts";

export interface InstallOptions {
  runtimesDir: string;
  /** The operator's file. */
  program: string;
  /** What its checksum must be, in hex: that of its release (`SHA256SUMS`). */
  sha256?: string;
}

/** Its releases are statically linked, so nothing else has to be in the jail. */
const ADVICE = "Take the binary `firecracker-vX.Y.Z-ARCH` out of the archive of a release.";
/** Ten times a release's. */
const MOST_BYTES = 64 * 1024 * 1024;
/** Where the jail of a VMM mounts something. */
const PLACES = ["dev", "proc", "run/vmm", "vm"];
const VERSION_WITHIN_MS = 10_000;
const WORK = "firecracker-work-";

function bad(reason: string): KilnError {
  return new KilnError("BAD_FIRECRACKER", reason, { hint: ADVICE });
}

/** Of a stranger's file: not read further than it may be long. */
async function copyBounded(from: string, to: string): Promise<void> {
  const handle = await open(from, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    throw bad(`${from} cannot be read: ${systemCode(error) ?? String(error)}.`);
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw bad(`${from} is no file.`);
    if (stats.size > MOST_BYTES) throw bad(`${from} is too large for a Firecracker.`);
    await writeFile(to, createReadStream("", { fd: handle.fd, autoClose: false, end: MOST_BYTES }), { mode: 0o755 });
  } finally {
    await handle.close();
  }
}

async function checkProgram(program: string): Promise<void> {
  const handle = await open(program, "r");
  const head = Buffer.alloc(ELF_HEAD_BYTES);
  let length: number;
  try {
    ({ bytesRead: length } = await handle.read(head, 0, head.length, 0));
  } finally {
    await handle.close();
  }
  const elf = readElf(head.subarray(0, length));
  if (elf === undefined) throw bad("The file is no program for Linux.");
  if (elf.arch !== process.arch)
    throw bad(`The program is for ${elf.arch ?? "another processor"}, not ${process.arch}.`);
  if (!elf.isStatic) throw bad("The program needs libraries, which its jail has not: it is no build of a release.");
}

/** @throws KilnError `BAD_FIRECRACKER` where it is refused, and those of `mkfs.erofs`. */
export async function installFirecracker(options: InstallOptions): Promise<FirecrackerFiles> {
  const dir = firecrackerDirectory(options.runtimesDir);
  await mkdir(dir, { recursive: true, mode: 0o755 });
  const unlock = await lockDirectory(dir, () => undefined);
  let work: string | undefined;
  try {
    // Of one that was killed: the lock says that nobody works there.
    for (const name of await readdir(dir)) {
      if (name.startsWith(WORK)) await rm(join(dir, name), { recursive: true, force: true });
    }
    work = await mkdtemp(join(dir, WORK));
    const root = join(work, "root");
    for (const place of PLACES) await mkdir(join(root, place), { recursive: true });
    const program = join(root, "firecracker");
    // Everything from here on is said about the copy: nobody changes it in between.
    await copyBounded(options.program, program);
    const sha256 = await fileDigest(program, "sha256", "hex");
    if (options.sha256 !== undefined && options.sha256.toLowerCase() !== sha256) {
      throw bad(`The file has the SHA-256 ${sha256}, not ${options.sha256}.`);
    }
    await checkProgram(program);
    const said = await run(program, ["--version"], { install: "", signal: AbortSignal.timeout(VERSION_WITHIN_MS) });
    const version = parseVersion(said.split("\n")[0] ?? "");
    checkVersion(version);

    const image = join(work, "image");
    await run("mkfs.erofs", [...EROFS_ARGS, image, root], { install: "apt-get install erofs-utils" });
    const imageSha256 = await fileDigest(image, "sha256", "hex");
    const name = `firecracker-${imageSha256.slice(0, 16)}.erofs`;
    await publish(image, join(dir, name));
    const manifest: FirecrackerFiles = { version: version.join("."), sha256, image: name, imageSha256 };
    const file = join(work, MANIFEST);
    await writeFile(file, `${JSON.stringify(manifest, undefined, 2)}\n`);
    await publish(file, join(dir, MANIFEST));
    await removeOthers(dir, name);
    const files = firecrackerFiles(options.runtimesDir);
    if (files === undefined) throw new KilnError("BUILD_FAILED", `Firecracker's image is not in ${dir}.`);
    return files;
  } finally {
    if (work !== undefined) await rm(work, { recursive: true, force: true });
    unlock();
  }
}

/** Images of earlier ones. A Kiln that runs keeps what it has mounted. */
async function removeOthers(dir: string, image: string): Promise<void> {
  for (const name of await readdir(dir)) {
    const old = /^firecracker-[0-9a-f]{16}\.erofs$/.test(name) && name !== image;
    if (old) await rm(join(dir, name), { force: true });
  }
}
