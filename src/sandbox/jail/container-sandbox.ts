/** The isolation level `container`: jails on an OCI runtime. */
import { KilnError } from "../../base/errors.ts";
import type { Jail, JailSpec, Sandbox } from "../contract.ts";
import { openInstanceGroup } from "../host/cgroups/instance.ts";
import { hostCgroupLayout } from "../host/cgroups/layout.ts";
import { adoptOrphans } from "../host/children.ts";
import { createImageMounts } from "../host/images.ts";
import { createUidRanges } from "../host/uid-ranges.ts";
import type { FunctionUser } from "./config.ts";
import { createJail } from "./create-jail.ts";
import { cleanLeftovers } from "./leftovers.ts";
import { chooseOciRuntime } from "./probe.ts";
import { prepareRunDirectory, runDirectory } from "./run-directory.ts";
import { seccompProfile } from "./seccomp.ts";

export interface ContainerSandboxOptions {
  /**
   * Of this instance alone, below a directory that everybody may pass through, for instance `/run/kiln/main`. It is
   * made if it is missing, and a tmpfs is mounted on it.
   */
  runDir: string;
  /** Names this Kiln on the machine, [a-z0-9-]{1,64}. Two that run at the same time must differ. */
  instance: string;
  /** Names or paths of OCI runtimes; the first that passes the self-test is used. */
  ociRuntimes: readonly string[];
  /** Shared by all Kilns of the machine: which id ranges are taken. */
  uidRangeDir?: string;
  /** Who the function is inside. AWS: 993 and 990. */
  user?: FunctionUser;
  initPaths?: readonly string[];
}

const NAME = /^[a-z0-9-]{1,64}$/;
const DEFAULT_UID_RANGE_DIR = "/run/kiln-id-ranges";
const DEFAULT_USER: FunctionUser = { uid: 993, gid: 990 };
const DEFAULT_INIT_PATHS = ["/usr/bin/tini-static", "/usr/bin/tini", "/sbin/tini"];

export async function createContainerSandbox(options: ContainerSandboxOptions): Promise<Sandbox> {
  const { runDir, instance } = options;
  if (!NAME.test(instance))
    throw new KilnError("BAD_INSTANCE", `"${instance}" cannot name a Kiln: use a-z, 0-9 and -.`);
  const layout = hostCgroupLayout();
  const ranges = createUidRanges({ dir: options.uidRangeDir ?? DEFAULT_UID_RANGE_DIR, owner: instance });
  const instanceGroup = `/kiln/${instance}`;
  await cleanLeftovers({ runDir, instanceGroup, layout, ranges });
  adoptOrphans();
  const run = runDirectory(runDir);
  prepareRunDirectory(run);
  const group = openInstanceGroup(layout, instanceGroup);
  const shared = {
    run,
    layout,
    group,
    ranges,
    images: createImageMounts(run.images),
    user: options.user ?? DEFAULT_USER,
    initPaths: options.initPaths ?? DEFAULT_INIT_PATHS,
    seccomp: seccompProfile(process.arch),
  };
  const giveBack = async (): Promise<void> => {
    await group.close();
    await cleanLeftovers({ runDir, instanceGroup, layout, ranges });
  };
  let program: string;
  try {
    program = await chooseOciRuntime(options.ociRuntimes, shared);
  } catch (error) {
    await giveBack();
    throw error;
  }

  const host = { ...shared, program };
  const jails = new Map<string, Promise<Jail>>();
  let closed = false;
  return {
    level: "container",
    preboot: true,
    async create(spec: JailSpec): Promise<Jail> {
      if (closed) throw new KilnError("SANDBOX_CLOSED", "The sandbox is closed.");
      if (!NAME.test(spec.id))
        throw new KilnError("BAD_JAIL_ID", `"${spec.id}" cannot name a jail: use a-z, 0-9 and -.`);
      if (jails.has(spec.id)) throw new KilnError("JAIL_EXISTS", `There is a jail ${spec.id} already.`);
      const created = createJail(host, spec, () => jails.delete(spec.id));
      jails.set(spec.id, created);
      try {
        return await created;
      } catch (error) {
        jails.delete(spec.id);
        throw error;
      }
    },
    async close(): Promise<void> {
      if (closed) return;
      closed = true;
      await Promise.allSettled([...jails.values()].map(async (jail) => (await jail).destroy()));
      await giveBack();
    },
  };
}
