/** What one machine consists of, and what it starts from: a kernel, or a snapshot. */
import { truncateSync } from "node:fs";
import { KilnError } from "../../base/errors.ts";
import type { JailSpec } from "../contract.ts";
import { TAP_MAC, TAP_NAME } from "../host/network/tap.ts";
import type { Holdings } from "../jail/holdings.ts";
import type { Owner } from "../jail/output-pipe.ts";
import { machineDrives, type ShownDrive } from "./drives.ts";
import type { FilePlace } from "./place.ts";
import { type MachineRates, withRates } from "./rates.ts";
import { guestVcpus, machineMB } from "./size.ts";
import { programOf, type SnapshotFacts } from "./snapshots/facts.ts";
import { NOTHING_BYTES, type PlacedSnapshot, type SnapshotFiles } from "./snapshots/place.ts";
import { MicrovmSnapshot, type SnapshotStore } from "./snapshots/snapshots.ts";
import { copySparse } from "./snapshots/sparse.ts";
import type { VmBoot, VmmDriver, VmPlan, VmSnapshot } from "./vmm/contract.ts";
import type { StateFile } from "./vmm-process.ts";

export interface Machine {
  plan: VmPlan;
  /** What the guest is told to mount. */
  shown: ShownDrive[];
  /** Of the snapshot that it starts from, or that is taken of it. */
  state: StateFile | undefined;
  /** Where its snapshot goes. */
  placed: PlacedSnapshot | undefined;
  facts: Omit<SnapshotFacts, "port">;
  /** What it starts from. */
  from: SnapshotFacts | undefined;
}

export interface MachineHost {
  readonly driver: VmmDriver;
  readonly rates: MachineRates;
  readonly snapshots: SnapshotStore;
}

export interface MachineParts {
  place: FilePlace;
  boot: VmBoot;
  /** The file of /tmp, on the host, with a new file system. */
  scratch: string;
  owner: Owner;
}

function unfit(reason: string): KilnError {
  return new KilnError("SNAPSHOT_UNFIT", `This jail cannot start from this snapshot: ${reason}.`);
}

/** Throws KilnError SNAPSHOT_UNFIT, SNAPSHOT_GONE. */
function openSnapshot({ snapshots }: MachineHost, spec: JailSpec, holdings: Holdings) {
  if (spec.from === undefined) return undefined;
  if (!(spec.from instanceof MicrovmSnapshot)) throw new TypeError("a snapshot of another sandbox");
  const { facts } = spec.from;
  if (facts.kind !== snapshots.kind) throw unfit("it is another host's");
  if (facts.program !== programOf(spec)) throw unfit("it is of another program");
  if (facts.machineMB < machineMB(spec.limits)) throw unfit("its machine is too small");
  if (!facts.runtime && spec.tmp !== undefined) throw unfit("it has a /tmp of its own");
  if (spec.snapshotted === true) throw new TypeError("no snapshot is taken of a jail that started from one");
  const { files, done } = spec.from.use();
  holdings.add(done);
  return { facts, files, done };
}

function namesOf(place: FilePlace, files: SnapshotFiles, driver: VmmDriver, writable: boolean): VmSnapshot {
  // A driver that is sent the state says no path.
  if (!driver.opensSnapshots) return { state: "", memory: "" };
  return { state: place.add("state", files.state, writable), memory: place.add("memory", files.memory, writable) };
}

export async function planMachine(
  host: MachineHost,
  spec: JailSpec,
  { place, boot, scratch, owner }: MachineParts,
  holdings: Holdings,
): Promise<Machine & { opened: () => void }> {
  const { driver, snapshots } = host;
  const snapshot = openSnapshot(host, spec, holdings);
  const saves = spec.snapshotted === true;
  const runtime = snapshot?.facts.runtime ?? (saves && spec.tree === undefined);
  // A drive's size is what the guest has found at its start: as large as any.
  if (runtime && saves) truncateSync(scratch, NOTHING_BYTES);
  if (snapshot?.facts.runtime === false) await copySparse(snapshot.files.disk, scratch);
  const { drives, shown } = machineDrives(place, spec, scratch, runtime ? snapshots.nothing : undefined);
  const names = drives.map(({ id }) => id);
  if (snapshot !== undefined && names.join() !== snapshot.facts.drives.join()) throw unfit("it is of another tree");
  const size = {
    vcpus: snapshot?.facts.vcpus ?? guestVcpus(spec.limits),
    memoryMB: snapshot?.facts.machineMB ?? machineMB(spec.limits),
  };
  const machine = withRates({ ...size, drives, network: { tap: TAP_NAME, mac: TAP_MAC } }, host.rates);
  const placed = saves ? snapshots.make(size.memoryMB, spec.limits.tmpMB, owner) : undefined;
  const savesTo = placed && namesOf(place, placed, driver, true);
  const loads = snapshot && namesOf(place, snapshot.files, driver, false);
  const state: StateFile | undefined =
    placed !== undefined
      ? { path: placed.state, access: "r+" }
      : snapshot && { path: snapshot.files.state, access: "r" };
  return {
    plan: {
      id: spec.id,
      machine,
      from: loads === undefined ? { kind: "boot", ...boot } : { kind: "snapshot", ...boot, ...loads },
      savesTo,
    },
    shown: shown.filter(({ to }) => (snapshot === undefined ? !runtime || to === "/" : runtime && to !== "/")),
    state,
    placed,
    facts: {
      kind: snapshots.kind,
      vcpus: size.vcpus,
      machineMB: size.memoryMB,
      program: programOf(spec),
      runtime,
      drives: names,
    },
    from: snapshot?.facts,
    // One that maps the files' pages needs them as long as it runs; the mounts of its jail keep them.
    opened: () => snapshot?.done(),
  };
}
