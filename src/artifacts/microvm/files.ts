/** The files of microVMs on this machine, as the set-up has left them. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { systemCode } from "../../base/errors.ts";
import { microvmKey } from "./recipe.ts";

export interface MicrovmFiles {
  /** An ELF file with a PVH entry. */
  kernel: string;
  /** For instance `6.1.0-56-cloud-amd64`. */
  kernelVersion: string;
  initramfs: string;
  /** A program of the host that says how fast the processor's time stamps count, in kHz. */
  measure: string;
  /** A JSON file: the numbers of the kernel's system calls, by name. */
  syscalls: string;
  qemu: {
    /** erofs image of the root file system that QEMU runs in. */
    image: string;
    version: string;
  };
  /** For guests with shared directories. */
  sharing: {
    kernel: string;
    initramfs: string;
    /** erofs image of the root file system that their server runs in. */
    server: string;
  };
}

/** All of them. */
export function pathsOf({ kernel, initramfs, measure, syscalls, qemu, sharing }: MicrovmFiles): string[] {
  return [kernel, initramfs, measure, syscalls, qemu.image, sharing.kernel, sharing.initramfs, sharing.server];
}

/** In the directory of the runtime images. */
export function microvmDirectory(runtimesDir: string): string {
  return join(runtimesDir, "microvm");
}

interface Manifest extends MicrovmFiles {
  key: string;
}

export const MANIFEST = "microvm.json";

function isManifest(value: unknown): value is Manifest {
  const manifest = value as Partial<Manifest> | null;
  const { qemu, sharing } = manifest ?? {};
  const texts = [
    manifest?.key,
    manifest?.kernel,
    manifest?.kernelVersion,
    manifest?.initramfs,
    manifest?.measure,
    manifest?.syscalls,
    qemu?.image,
    qemu?.version,
    sharing?.kernel,
    sharing?.initramfs,
    sharing?.server,
  ];
  return texts.every((text) => typeof text === "string");
}

/** Undefined where they have to be built, or built anew. */
export function microvmFiles(runtimesDir: string): MicrovmFiles | undefined {
  const dir = microvmDirectory(runtimesDir);
  let manifest: unknown;
  try {
    manifest = JSON.parse(readFileSync(join(dir, MANIFEST), "utf8"));
  } catch (error) {
    if (systemCode(error) === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (!isManifest(manifest) || manifest.key !== microvmKey()) return undefined;
  const { kernel, kernelVersion, initramfs, measure, syscalls, qemu, sharing } = manifest;
  const found = {
    kernel: join(dir, kernel),
    kernelVersion,
    initramfs: join(dir, initramfs),
    measure: join(dir, measure),
    syscalls: join(dir, syscalls),
    qemu: { image: join(dir, qemu.image), version: qemu.version },
    sharing: {
      kernel: join(dir, sharing.kernel),
      initramfs: join(dir, sharing.initramfs),
      server: join(dir, sharing.server),
    },
  };
  return pathsOf(found).every((path) => statSync(path, { throwIfNoEntry: false }) !== undefined) ? found : undefined;
}
