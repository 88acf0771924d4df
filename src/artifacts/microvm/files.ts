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
  const texts = [
    manifest?.key,
    manifest?.kernel,
    manifest?.kernelVersion,
    manifest?.initramfs,
    manifest?.measure,
    manifest?.syscalls,
  ];
  return [...texts, manifest?.qemu?.image, manifest?.qemu?.version].every((text) => typeof text === "string");
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
  const { kernel, kernelVersion, initramfs, measure, syscalls, qemu } = manifest;
  const found = {
    kernel: join(dir, kernel),
    kernelVersion,
    initramfs: join(dir, initramfs),
    measure: join(dir, measure),
    syscalls: join(dir, syscalls),
    qemu: { image: join(dir, qemu.image), version: qemu.version },
  };
  const paths = [found.kernel, found.initramfs, found.measure, found.syscalls, found.qemu.image];
  return paths.every((path) => statSync(path, { throwIfNoEntry: false }) !== undefined) ? found : undefined;
}
