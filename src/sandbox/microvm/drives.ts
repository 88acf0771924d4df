/** The drives of one machine, and where its guest mounts them. */
import type { FunctionTree } from "../contract.ts";
import type { FilePlace } from "./place.ts";
import type { VmDrive } from "./vmm/contract.ts";

export interface ShownDrive {
  /** The guest's device. */
  from: string;
  to: string;
  type: "erofs" | "ext4";
}

export interface MachineDrives {
  drives: VmDrive[];
  shown: ShownDrive[];
}

/**
 * @param scratch The file of /tmp, on the host.
 * @param nothing Present: what stands for drives that this jail does not have, and others of the same snapshot may have.
 */
export function machineDrives(
  place: FilePlace,
  { rootImage, tree = {} }: { rootImage: string; tree?: FunctionTree | undefined },
  scratch: string,
  nothing?: string,
): MachineDrives {
  const drives: VmDrive[] = [];
  const shown: ShownDrive[] = [];

  function add(id: string, file: string | undefined, to: string, readOnly = true): void {
    const backing = file ?? nothing;
    if (backing === undefined) return;
    const letter = String.fromCharCode("a".charCodeAt(0) + drives.length);
    if (file !== undefined) shown.push({ from: `/dev/vd${letter}`, to, type: readOnly ? "erofs" : "ext4" });
    drives.push({ id, path: place.add(id, backing, !readOnly), readOnly });
  }

  // The root first: the others are mounted in it.
  add("root", rootImage, "/");
  add("tmp", scratch, "/tmp", false);
  add("code", tree.code, "/var/task");
  add("layers", tree.layers, "/opt");
  return { drives, shown };
}
