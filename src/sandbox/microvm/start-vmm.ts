/** Starts the VMM of one machine in its jail. */
import { chownSync, closeSync, mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { KilnError } from "../../base/errors.ts";
import type { JailLimits } from "../contract.ts";
import { type JailGroup, openGroup } from "../host/cgroups/group.ts";
import { type ChildExit, childExit } from "../host/children.ts";
import { mountTmpfs, unmountIfMounted } from "../host/mounts.ts";
import type { JailNetwork } from "../host/netns.ts";
import { showImage } from "../jail/create-jail.ts";
import type { Holdings } from "../jail/holdings.ts";
import type { JailHost } from "../jail/jail-host.ts";
import { type Output, outputPipe, type Owner } from "../jail/output-pipe.ts";
import { startGuest } from "../jail/start-guest.ts";
import { type Console, createConsole } from "./console.ts";
import { makeDevices } from "./devices.ts";
import type { PlacedFile } from "./place.ts";
import { scratchMemoryMB } from "./scratch.ts";
import type { VmmDriver, VmmProcess, VmPlan } from "./vmm/contract.ts";
import { vmmConfig, vmmSeccomp } from "./vmm-config.ts";
import { type StateFile, vmmProcess } from "./vmm-process.ts";

export interface VmmPlace {
  bundle: string;
  /** First host id of the jail's range. */
  idBase: number;
  /** Ids on the host of the VMM's user. */
  owner: Owner;
  network: JailNetwork;
  files: readonly PlacedFile[];
  /** The function's. */
  limits: JailLimits;
  /** See `vmmProcess`. */
  state?: StateFile | undefined;
}

export interface StartedVmm {
  pid: number;
  ended: Promise<ChildExit>;
  /** Resolves when the VMM has ended: why. */
  failure: Promise<KilnError>;
  process: VmmProcess;
  console: Console;
  group: JailGroup;
}

const MIB = 1024 * 1024;

/** What the VMM may write to: room for its socket and nothing more. */
function makeControl(bundle: string, owner: Owner, holdings: Holdings): string {
  const dir = join(bundle, "vmm");
  mkdirSync(dir);
  holdings.add(() => void unmountIfMounted(dir));
  mountTmpfs(dir, { bytes: MIB, inodes: 16 }, "noexec");
  chownSync(dir, owner.uid, owner.gid);
  return dir;
}

function makeOutput(owner: Owner, holdings: Holdings): Output {
  const output = outputPipe(owner);
  holdings.add(() => void output.readable.destroy());
  return output;
}

export async function startVmm(
  host: JailHost & { readonly driver: VmmDriver },
  plan: VmPlan,
  { bundle, idBase, owner, network, files, limits, state }: VmmPlace,
  holdings: Holdings,
): Promise<StartedVmm> {
  const { driver } = host;
  const control = makeControl(bundle, owner, holdings);
  const devices = makeDevices(join(bundle, "devices"), driver.devices, owner, holdings);
  const root = join(bundle, "root");
  mkdirSync(root);
  showImage(host, driver.rootImage, root, holdings);
  const cgroup = join(host.group.path, plan.id);
  // What a machine writes when it is saved counts as its jail's.
  const saved = plan.savesTo === undefined ? 0 : plan.machine.memoryMB;
  const memoryMB = saved + plan.machine.memoryMB + driver.overheadMB(plan.machine) + scratchMemoryMB(limits.tmpMB);
  const description = {
    hostname: plan.id,
    ...driver.command(plan),
    user: host.user,
    idBase,
    dirs: { root, tmp: "" },
    workingDirectory: "/",
    network: network.path,
    cgroup,
    limits: { ...limits, memoryMB, pids: driver.threads(plan.machine) },
    swap: host.group.swap,
    seccomp: vmmSeccomp(host.seccomp, driver.seccomp),
    control,
    files,
    devices,
  };
  const [stdout, stderr] = [makeOutput(owner, holdings), makeOutput(owner, holdings)];
  const console = createConsole([stdout.readable, stderr.readable]);
  const runtime = { ...host.runtime, describe: () => vmmConfig(description) };
  const output = { stdout: stdout.writeEnd, stderr: stderr.writeEnd };
  let pid: number;
  try {
    pid = await startGuest(runtime, host, { id: plan.id, bundle, description, ...output }, holdings);
  } finally {
    closeSync(stdout.writeEnd);
    closeSync(stderr.writeEnd);
  }
  const ended = childExit(pid);
  const failure = ended.then(({ status, signal }) => {
    const how = `${driver.name} ended with ${signal ?? status}`;
    return new KilnError("VMM_ENDED", `${how}: ${console.tail()}`);
  });
  const group = openGroup(host.layout, cgroup, host.group.swap);
  group.setMemory(memoryMB);
  // The machine's start is the platform's work: it has what there is.
  group.setCpu(availableParallelism());
  return { pid, ended, failure, process: vmmProcess(control, failure, state), console, group };
}
