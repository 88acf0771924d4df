/** What a sandbox needs of the host before its first jail: cgroup, ids, run directory; and giving it all back. */
import { KilnError } from "../../base/errors.ts";
import type { DiskLimits } from "../host/cgroups/disk.ts";
import { openInstanceGroup } from "../host/cgroups/instance.ts";
import { createAttachLock } from "../host/cgroups/attach-lock.ts";
import { hostCgroupLayout } from "../host/cgroups/layout.ts";
import { adoptOrphans } from "../host/children.ts";
import {
  cleanHostNetwork,
  type HostNetwork,
  type NetworkOptions,
  openHostNetwork,
} from "../host/network/host-network.ts";
import { createUidRanges } from "../host/uid-ranges.ts";
import type { FunctionUser } from "./config.ts";
import type { JailHost } from "./jail-host.ts";
import { cleanLeftovers, type Leftovers } from "./leftovers.ts";
import { prepareRunDirectory, runDirectory } from "./run-directory.ts";
import { seccompProfile } from "./seccomp.ts";
import { chooseTmp, type Tmp } from "./tmp.ts";

export interface GroundOptions {
  /**
   * Of this instance alone, below a directory that everybody may pass through, for instance `/run/kiln/main`. It is
   * made if it is missing, and a tmpfs is mounted on it.
   */
  runDir: string;
  /** Names this Kiln on the machine, [a-z0-9-]{1,64}. Two that run at the same time must differ. */
  instance: string;
  /** Shared by all Kilns of the machine: which id ranges are taken. */
  uidRangeDir?: string;
  /** Who the function is inside. AWS: 993 and 990. */
  user?: FunctionUser;
  /** Where an image may have its first process (tini); images of functions have Kiln's own at the first. */
  initPaths?: readonly string[];
  /** Absent: jails have loopback and nothing else. */
  network?: NetworkOptions;
  /** Absent: what they read and write on disks is not limited. */
  disks?: DiskLimits | undefined;
  /** Something failed in the background that no caller waits for. */
  report?: (error: unknown) => void;
}

export interface OpenGround {
  readonly ground: Ground;
  close(): Promise<void>;
}

/** All of a jail host but what is chosen last. */
export type Ground = Omit<JailHost, "runtime" | "images">;

export const NAME = /^[a-z0-9-]{1,64}$/;
const DEFAULT_UID_RANGE_DIR = "/run/kiln-id-ranges";
const DEFAULT_USER: FunctionUser = { uid: 993, gid: 990 };
const DEFAULT_INIT_PATHS = ["/.kiln/init", "/usr/bin/tini-static", "/usr/bin/tini", "/sbin/tini"];

function leftoverOptions(options: GroundOptions) {
  if (!NAME.test(options.instance)) {
    throw new KilnError("BAD_INSTANCE", `"${options.instance}" cannot name a Kiln: use a-z, 0-9 and -.`);
  }
  return {
    runDir: options.runDir,
    instanceGroup: `/kiln/${options.instance}`,
    layout: hostCgroupLayout(),
    ranges: createUidRanges({ dir: options.uidRangeDir ?? DEFAULT_UID_RANGE_DIR, owner: options.instance }),
  };
}

/** Removes what a killed Kiln of this instance left. The start does this by itself; not while one runs. */
export async function cleanInstance(options: GroundOptions): Promise<Leftovers & { links: number }> {
  const leftovers = await cleanLeftovers(leftoverOptions(options));
  // Also where this start has no network: the one that was killed may have had one.
  return { ...leftovers, links: await cleanHostNetwork(options.instance) };
}

/** What waits for other programs most of the time: at once. */
async function openSlow(
  options: GroundOptions,
  dir: string,
  user: FunctionUser,
): Promise<{ network: HostNetwork | undefined; tmp: Tmp }> {
  const [network, tmp] = await Promise.allSettled([
    options.network && openHostNetwork(options.instance, options.network),
    chooseTmp(dir, user),
  ]);
  if (network.status === "rejected") throw network.reason;
  if (tmp.status === "fulfilled") return { network: network.value, tmp: tmp.value };
  await network.value?.close();
  throw tmp.reason;
}

export async function openGround(options: GroundOptions): Promise<OpenGround> {
  const { layout, ranges, instanceGroup } = leftoverOptions(options);
  await cleanInstance(options);
  const run = runDirectory(options.runDir);
  try {
    adoptOrphans();
    prepareRunDirectory(run);
    const group = openInstanceGroup(layout, instanceGroup, options.disks);
    const user = options.user ?? DEFAULT_USER;
    const { network, tmp } = await openSlow(options, run.jails, user);
    const ground = {
      run,
      layout,
      group,
      attachLock: createAttachLock(layout),
      ranges,
      user,
      tmp,
      initPaths: options.initPaths ?? DEFAULT_INIT_PATHS,
      seccomp: seccompProfile(process.arch),
      network,
      report: options.report ?? (() => undefined),
    };
    return {
      ground,
      async close() {
        await network?.close();
        await cleanInstance(options);
      },
    };
  } catch (error) {
    await cleanInstance(options);
    throw error;
  }
}
