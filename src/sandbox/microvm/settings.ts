/** What the guest's first process is told before it starts anything of the function's, in this order. */
import type { JailSpec } from "../contract.ts";
import { RUNTIME_API_PORT } from "../contract.ts";
import type { FunctionUser } from "../jail/config.ts";
import { maskedPaths } from "../jail/proc-paths.ts";

export interface GuestSetup {
  spec: Pick<JailSpec, "id" | "limits" | "workingDirectory">;
  user: FunctionUser;
  drives: readonly { from: string; to: string; type: string }[];
  /** Ports of 127.0.0.1 that lead to the host, besides those that always do. */
  ports: readonly number[];
  /** Undefined: nobody but the host is there. */
  address: string | undefined;
  /** The id of the process that the machine lives for; 0: there is none. */
  first: number;
  /** What `seccompFilter` makes: which system calls the function may make. */
  filter: string;
  /** Of the guest's random numbers. */
  seed: Buffer;
}

export type Setting = readonly [name: string, value: string | number];

const MIB = 1024 * 1024;
const FILES = 1024;
const DNS_PORT = 53;

/** Now, in ns since 1970. */
export function timeSetting(): Setting {
  return ["time", `${Date.now()}000000`];
}

export function guestSettings({ spec, user, drives, ports, address, first, filter, seed }: GuestSetup): Setting[] {
  return [
    timeSetting(),
    ["seed", seed.toString("hex")],
    ["hostname", spec.id],
    ["uid", user.uid],
    ["gid", user.gid],
    ["files", FILES],
    ["directory", spec.workingDirectory ?? "/"],
    ["pids", spec.limits.pids],
    ["memory", spec.limits.memoryMB * MIB],
    ...(address === undefined ? [] : [["address", address] as const]),
    ...[RUNTIME_API_PORT, DNS_PORT, ...ports].map((port) => ["port", port] as const),
    ...drives.map(({ from, to, type }) => ["drive", `${from} ${to} ${type}`] as const),
    ["filter", filter],
    ["trees", 1],
    ...maskedPaths.map((path) => ["mask", path] as const),
    ["resolver", 1],
    ["first", first],
  ];
}
