/** The VMMs that this host has the files of, in the order in which they are tried. */
import { firecrackerDriver } from "./firecracker/driver.ts";
import { qemuDriver } from "./qemu/driver.ts";
import type { VmmDriver } from "./vmm/contract.ts";

export interface VmmFiles {
  qemu: { image: string; version: string };
  /** The operator's; undefined where none was given. */
  firecracker: { image: string; version: string } | undefined;
}

export function vmmDrivers({ qemu, firecracker }: VmmFiles): VmmDriver[] {
  const { image: rootImage, version } = qemu;
  return [
    ...(firecracker === undefined ? [] : [firecrackerDriver({ ...firecracker, rootImage: firecracker.image })]),
    ...(["kvm", "tcg"] as const).map((acceleration) => qemuDriver({ rootImage, version, acceleration })),
  ];
}
