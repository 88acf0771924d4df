/** Starts the guest of a jail whose parts are there: tells the OCI runtime of them, and answers who runs. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { groupProcesses, removeGroup } from "../host/cgroups/group.ts";
import type { CgroupLayout } from "../host/cgroups/layout.ts";
import { childExit } from "../host/children.ts";
import type { JailDescription } from "./config.ts";
import type { Holdings } from "./holdings.ts";
import { type OciRuntime, runDetached } from "./oci-runtime.ts";
import type { RunDirectory } from "./run-directory.ts";

export interface GuestPlace {
  readonly run: RunDirectory;
  readonly layout: CgroupLayout;
}

export interface Guest {
  id: string;
  bundle: string;
  description: JailDescription;
  /** Descriptors that the guest writes to. */
  stdout: number;
  stderr: number;
}

/**
 * Ends what an OCI runtime has started. When it failed half-way, its orphans became this process's children, and nobody
 * else will ask for them.
 */
async function endStart(layout: CgroupLayout, cgroup: string): Promise<void> {
  const orphans = groupProcesses(layout, cgroup);
  await removeGroup(layout, cgroup);
  await Promise.all(orphans.map(childExit));
}

/** The pid of the guest's first process, an orphan that is this process's to wait for. */
export async function startGuest(
  runtime: OciRuntime,
  place: GuestPlace,
  { id, bundle, description, stdout, stderr }: Guest,
  holdings: Holdings,
): Promise<number> {
  const config = join(bundle, "config.json");
  writeFileSync(config, JSON.stringify(runtime.describe(description)), { mode: 0o600 });
  let stateDir = place.run.oci;
  let before: readonly string[] = [];
  holdings.add(() => rmSync(join(stateDir, id), { recursive: true, force: true }));
  holdings.add(() => endStart(place.layout, description.cgroup));
  if (runtime.prepare !== undefined) {
    const prepared = await runtime.prepare({ bundle, config, description, layout: place.layout }, holdings);
    stateDir = prepared.stateDir ?? stateDir;
    before = prepared.before;
  }
  return runDetached({ runtime, before, id, stateDir, bundle, stdout, stderr });
}
