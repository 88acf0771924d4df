/** How fast a machine's devices may be, which its VMM enforces. */
import type { GroundOptions } from "../jail/ground.ts";
import type { VmMachine, VmRateLimit } from "./vmm/contract.ts";

/** In a second; 0 is no limit. */
export interface Rate {
  bytes: number;
  /** Reads and writes of a drive, packets of the network. */
  operations: number;
}

export interface MachineRates {
  /** Of each drive. */
  drive: Rate;
  /** In each direction. What the jail's link to the host lets pass is bounded there as well. */
  network: Rate;
}

const SECOND_MS = 1000;
const TENTH_MS = 100;
/** More than the kernel asks for; the VMM makes them of the host's processor time. */
const RANDOM_BYTES = 64 * 1024;

const NONE: Rate = { bytes: 0, operations: 0 };

/** Of what holds for jails of every level. */
export function machineRates({ disks, network }: Pick<GroundOptions, "disks" | "network">): MachineRates {
  return {
    drive: disks ?? NONE,
    network: network === undefined ? NONE : { bytes: network.limits.bytes, operations: network.limits.packets },
  };
}

/** What a second has not used is there for a burst of the next. */
export function rateLimit({ bytes, operations }: Rate): VmRateLimit | undefined {
  if (bytes === 0 && operations === 0) return undefined;
  return {
    ...(bytes === 0 ? {} : { bandwidth: { size: bytes, refillMs: SECOND_MS } }),
    ...(operations === 0 ? {} : { operations: { size: operations, refillMs: SECOND_MS } }),
  };
}

/** The same machine with its limits. */
export function withRates(machine: VmMachine, { drive, network }: MachineRates): VmMachine {
  return {
    ...machine,
    drives: machine.drives.map((one) => ({ ...one, rateLimit: rateLimit(drive) })),
    network: { ...machine.network, receive: rateLimit(network), transmit: rateLimit(network) },
    entropyLimit: { bandwidth: { size: RANDOM_BYTES, refillMs: TENTH_MS } },
  };
}
