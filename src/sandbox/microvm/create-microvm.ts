/** Makes one microVM: the jail of its VMM, the machine in it, and the function's first process in that. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { KilnError } from "../../base/errors.ts";
import type { Jail, JailSpec } from "../contract.ts";
import { createTap } from "../host/network/tap.ts";
import { makeBundle } from "../jail/create-jail.ts";
import { homeOf } from "../jail/home.ts";
import { type Holdings, startHolding } from "../jail/holdings.ts";
import type { JailHost } from "../jail/jail-host.ts";
import { serveNetwork } from "../jail/served-network.ts";
import { createAgent } from "./agent/agent.ts";
import { CONTROL_PORT } from "./agent/frames.ts";
import { connectToGuest } from "./snapshots/connect.ts";
import { planMachine } from "./machine.ts";
import { microvmJail } from "./microvm-jail.ts";
import type { SharingFiles } from "./guest-files.ts";
import { filePlace } from "./place.ts";
import type { MachineRates } from "./rates.ts";
import { cpuShare } from "./size.ts";
import { scratchFile } from "./scratch.ts";
import { earlierSetting, guestSettings, restoredSettings } from "./settings.ts";
import type { SnapshotStore } from "./snapshots/snapshots.ts";
import { knownConnections, takeSnapshot } from "./snapshots/take.ts";
import { startFileServer } from "./sharing/file-server.ts";
import { startVmm, type StartedVmm } from "./start-vmm.ts";
import type { VmmDriver } from "./vmm/contract.ts";

export interface MicrovmHost extends JailHost {
  readonly driver: VmmDriver;
  /** Of the guest, on the host. */
  readonly kernel: string;
  readonly initramfs: string;
  readonly sharing: SharingFiles;
  /** The kernel's. */
  readonly commandLine: string;
  /** See `GuestSetup`. */
  readonly filter: string;
  /** ms that the guest's start may take. */
  readonly startWithinMs: number;
  readonly rates: MachineRates;
  readonly snapshots: SnapshotStore;
}

/** The streams of 64 processes, and what speaks for the machine. */
const MOST_CONTROL_CONNECTIONS = 160;
/** The process that the machine lives for. */
const FIRST = 1;

/** What `work` answers, unless the VMM ends before, or it takes too long. */
async function started<T>(ms: number, { failure, console }: StartedVmm, work: Promise<T>): Promise<T> {
  const timeUp = new AbortController();
  const late = sleep(ms, undefined, { signal: timeUp.signal }).then(() => {
    throw new KilnError("GUEST_NOT_READY", `The microVM does not start: ${console.tail()}`);
  });
  const failed = failure.then((error) => Promise.reject(error));
  for (const promise of [late, failed, work]) promise.catch(() => undefined);
  try {
    return await Promise.race([work, failed, late]);
  } finally {
    timeUp.abort();
  }
}

function checkSnapshotted({ snapshotted = false, from, argv, tree }: JailSpec): void {
  if (snapshotted && argv.length === 0) throw new TypeError("a snapshot is taken of a jail with a first process");
  if ((snapshotted || from !== undefined) && (tree?.files ?? []).length > 0) {
    throw new KilnError(
      "SNAPSHOT_UNFIT",
      "No snapshot is taken of a jail with shared directories, and none starts from one.",
    );
  }
}

async function start(host: MicrovmHost, asked: JailSpec, holdings: Holdings, onGone: () => void): Promise<Jail> {
  checkSnapshotted(asked);
  const connections = knownConnections(asked);
  const { spec } = connections;
  const { home, keep } = await homeOf(host, spec, holdings);
  const { base: idBase } = home.range;
  const bundle = makeBundle(host, spec.id, idBase, holdings);
  const owner = { uid: idBase + host.user.uid, gid: idBase + host.user.gid };
  const { driver } = host;
  const place = filePlace(join(bundle, "files"), holdings);
  const scratch = scratchFile(home.dir);
  const files = spec.tree?.files ?? [];
  const { kernel, initramfs } = files.length > 0 ? host.sharing : host;
  const boot = {
    kernel: place.add("kernel", kernel),
    initramfs: place.add("initramfs", initramfs),
    commandLine: host.commandLine,
  };
  const machine = await planMachine(host, spec, { place, boot, scratch, owner }, holdings);
  const { plan, placed } = machine;
  let taken = false;
  if (placed !== undefined) holdings.add(() => (taken ? undefined : placed.remove()));

  const first = spec.argv.length === 0 ? 0 : FIRST;
  const agent = createAgent(first);
  const served = serveNetwork(spec, holdings, false);
  served.servePort(CONTROL_PORT, (socket) => agent.accept(socket), MOST_CONTROL_CONNECTIONS);
  const tap = await createTap(served.network, owner);
  const connection = await host.network?.connect(served.network, { own: false });
  if (connection !== undefined) {
    holdings.add(() => connection.close());
    await tap.give(connection.address);
  }
  if (spec.network !== undefined) await connection?.allow(spec.network);

  const { network } = served;
  if (files.length > 0) {
    const { id, limits } = spec;
    await startFileServer(host, { id, network, limits, files, image: host.sharing.server }, holdings);
  }
  const vmm = await startVmm(
    host,
    plan,
    { bundle, idBase, owner, network, files: place.files, limits: spec.limits, state: machine.state },
    holdings,
  );
  // A moment later: whoever waits for the start hears first why there is none.
  void vmm.failure.then(() => setImmediate(() => agent.ended()));
  await served.ready();

  async function startMachine() {
    const vm = await driver.start(vmm.process, plan);
    holdings.add(() => vm.close());
    machine.opened();
    if (machine.from !== undefined) await connectToGuest(tap, machine.from.port, agent);
    await agent.ready();
    const ports = spec.kilnApi === undefined ? [] : [spec.kilnApi.port];
    const address = connection?.address;
    const seed = randomBytes(64);
    const { user, filter } = host;
    const setup = { spec, user, drives: machine.shown, ports, address, first, filter, seed };
    if (machine.from !== undefined) await agent.set(restoredSettings(setup));
    else await agent.set([...guestSettings(setup), ...(machine.facts.runtime ? [earlierSetting()] : [])]);
    return vm;
  }

  // It runs as soon as the guest has been told everything.
  const running = machine.from === undefined ? undefined : agent.adopt(FIRST);
  const vm = await started(host.startWithinMs, vmm, startMachine());
  const process = running ?? (first === 0 ? undefined : agent.run(FIRST, { argv: spec.argv, env: spec.env }));
  vmm.group.setCpu(cpuShare(spec.limits.vcpus, driver));
  return microvmJail({
    id: spec.id,
    pid: vmm.pid,
    ended: vmm.ended,
    vm,
    agent,
    process,
    group: vmm.group,
    tap,
    sockets: served.sockets,
    setVcpus: (vcpus) => vmm.group.setCpu(cpuShare(vcpus, driver)),
    keepTmp: keep,
    takeSnapshot:
      placed &&
      (async () => {
        const { facts } = machine;
        const withinMs = host.startWithinMs;
        const snapshot = await takeSnapshot({ agent, vm, connections, placed, facts, scratch, withinMs });
        taken = true;
        return snapshot;
      }),
    holdings,
    report: host.report,
    onGone,
  });
}

/** `onGone` is called when the machine has been destroyed, and never if the start fails: then nothing is left of it. */
export function createMicrovm(host: MicrovmHost, spec: JailSpec, onGone: () => void): Promise<Jail> {
  return startHolding(`microVM ${spec.id}`, (holdings) => start(host, spec, holdings, onGone));
}
