/** How large a machine is for a function's limits. */
import type { JailLimits } from "../contract.ts";
import type { VmmDriver } from "./vmm/contract.ts";

/**
 * The guest's kernel with its first process, and as much again for pages of the runtime's files (guest/group.c); what the
 * kernel keeps per page of memory is 1.6 %. The function's own memory is bounded by a group within the guest.
 */
const KERNEL_MB = 128;
const PER_PAGE = 0.02;

/**
 * A function's share of a processor is what AWS gives it, and under software emulation this many times as much: there, its
 * code needs more than ten times as long for the same work, and what is left of a small share would be no time at all.
 */
const EMULATION_FACTOR = 16;

export function machineMB({ memoryMB }: JailLimits): number {
  return Math.ceil(memoryMB * (1 + PER_PAGE)) + KERNEL_MB;
}

export function guestVcpus({ vcpus }: JailLimits): number {
  return Math.max(1, Math.ceil(vcpus));
}

/** Of the host, for the VMM and the guest in it. */
export function cpuShare(vcpus: number, { emulated }: Pick<VmmDriver, "emulated">): number {
  return emulated ? vcpus * EMULATION_FACTOR : vcpus;
}
