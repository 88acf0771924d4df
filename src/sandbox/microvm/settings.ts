/** What the guest's first process is told before it starts anything of the function's, in this order. */
import type { JailSpec } from "../contract.ts";
import { RUNTIME_API_PORT, type SharedFiles } from "../contract.ts";
import type { FunctionUser } from "../jail/config.ts";
import { maskedPaths } from "../jail/proc-paths.ts";
import { FILES_PORT } from "./sharing/server-config.ts";

export interface GuestSetup {
  spec: Pick<JailSpec, "id" | "limits" | "workingDirectory" | "tree">;
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
const EARLIER_MS = 24 * 60 * 60 * 1000;

/** Now, in ns since 1970. */
export function timeSetting(): Setting {
  return ["time", `${Date.now()}000000`];
}

/**
 * What a guest is told that was loaded from a snapshot, in this order. What runs in it goes on with the last.
 * @param drives What it has to mount first.
 */
export function restoredSettings(
  of: Pick<GuestSetup, "drives" | "ports" | "address" | "seed"> & { spec: Pick<JailSpec, "id" | "limits"> },
): Setting[] {
  const { id, limits } = of.spec;
  return [
    timeSetting(),
    ["seed", of.seed.toString("hex")],
    ["hostname", id],
    ["pids", limits.pids],
    ["memory", limits.memoryMB * MIB],
    ...(of.address === undefined ? [] : [["address", of.address] as const]),
    ...of.ports.map((port) => ["port", port] as const),
    ...of.drives.map(({ from, to, type }) => ["drive", `${from} ${to} ${type}`] as const),
    ["go", 1],
  ];
}

/**
 * The clock of a runtime whose snapshot is taken: so long ago that whatever counts the time since it was seeded seeds itself
 * anew where the clock is right. OpenSSL's generators do so after an hour (providers/implementations/rands/drbg_local.h).
 */
export function earlierSetting(): Setting {
  return ["time", `${Date.now() - EARLIER_MS}000000`];
}

/** The place for them comes when the root is there, and before anything is mounted in it; they come when nothing is left to mount. */
function sharing(files: readonly SharedFiles[]): { place: Setting[]; shares: Setting[] } {
  if (files.length === 0) return { place: [], shares: [] };
  const shares = files.map(({ at, readOnly }): Setting => ["share", `${FILES_PORT} ${readOnly ? "ro" : "rw"} ${at}`]);
  return { place: [["sharing", 1]], shares: [...shares, ["sharing", 0]] };
}

export function guestSettings({ spec, user, drives, ports, address, first, filter, seed }: GuestSetup): Setting[] {
  const [root = [], ...others] = drives.map(({ from, to, type }): Setting[] => [["drive", `${from} ${to} ${type}`]]);
  const { place, shares } = sharing(spec.tree?.files ?? []);
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
    ...root,
    ...place,
    ...others.flat(),
    ...shares,
    ["filter", filter],
    ["trees", 1],
    ...maskedPaths.map((path) => ["mask", path] as const),
    ["resolver", 1],
    ["first", first],
  ];
}
