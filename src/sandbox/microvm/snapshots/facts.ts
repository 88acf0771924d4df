/** What a snapshot's files have to be used with. */
import { cpus } from "node:os";
import { basename } from "node:path";
import type { JailSpec } from "../../contract.ts";
import type { VmmDriver } from "../vmm/contract.ts";

export interface SnapshotFacts {
  /** See `Snapshots.kind`. */
  kind: string;
  vcpus: number;
  /** MiB of the machine. */
  machineMB: number;
  /** The port of the guest's loopback where its first process waits. */
  port: number;
  /** What runs in it. */
  program: string;
  /** It was taken of a jail without a tree: jails that start from it bring their own. */
  runtime: boolean;
  /** Of the function whose jail it was; a machine finds its drives as they were. */
  drives: readonly string[];
}

/** Two machines of one kind can start from each other's snapshots: devices, kernel and processor are the same. */
export function snapshotKind(driver: VmmDriver, guest: { kernel: string; initramfs: string }): string {
  const processor = cpus()[0]?.model.trim() ?? "unknown";
  const program = `${driver.name} ${driver.version} ${driver.emulated ? "tcg" : "kvm"}`;
  // The names of the files have their content's digest in them.
  return [program, basename(guest.kernel), basename(guest.initramfs), processor].join("; ");
}

export function programOf({ rootImage, argv, env, workingDirectory }: JailSpec): string {
  const variables = Object.entries(env).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([basename(rootImage), argv, variables, workingDirectory ?? ""]);
}
