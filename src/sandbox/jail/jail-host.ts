/** What all jails of one sandbox share. */
import { lstatSync } from "node:fs";
import { join } from "node:path";
import { KilnError, systemCode } from "../../base/errors.ts";
import type { AttachLock } from "../host/cgroups/attach-lock.ts";
import type { CgroupLayout } from "../host/cgroups/layout.ts";
import type { InstanceGroup } from "../host/cgroups/instance.ts";
import type { ImageMounts } from "../host/images.ts";
import type { HostNetwork } from "../host/network/host-network.ts";
import type { UidRanges } from "../host/uid-ranges.ts";
import type { FunctionUser } from "./config.ts";
import type { LinuxSeccomp } from "./oci-config.ts";
import type { OciRuntime } from "./oci-runtime.ts";
import type { RunDirectory } from "./run-directory.ts";
import type { Tmp } from "./tmp.ts";

export interface JailHost {
  readonly run: RunDirectory;
  readonly layout: CgroupLayout;
  readonly group: InstanceGroup;
  readonly attachLock: AttachLock;
  readonly ranges: UidRanges;
  readonly images: ImageMounts;
  readonly runtime: OciRuntime;
  readonly user: FunctionUser;
  /** Where a root image may have its first process; the first that is there is taken. */
  readonly initPaths: readonly string[];
  readonly tmp: Tmp;
  readonly seccomp: LinuxSeccomp;
  /** Undefined: jails have loopback and nothing else. */
  readonly network: HostNetwork | undefined;
  /** See `GroundOptions`. */
  readonly report: (error: unknown) => void;
}

/**
 * The first process of a jail: it reaps orphans and hands signals on to the function's process group, so that a
 * runtime need not be able to be process 1. When its child ends, it ends, and the kernel ends everything else.
 */
export function initCommand(host: Pick<JailHost, "initPaths">, rootDir: string): string[] {
  const found = host.initPaths.find((path) => {
    try {
      return lstatSync(join(rootDir, path)).isFile();
    } catch (error) {
      if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return false;
      throw error;
    }
  });
  if (found === undefined) {
    throw new KilnError("IMAGE_WITHOUT_INIT", `The root image has none of ${host.initPaths.join(", ")}.`);
  }
  return [found, "-g", "--"];
}
