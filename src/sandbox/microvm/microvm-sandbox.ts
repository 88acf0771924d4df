/** The isolation level `microvm`: the function's process on a Linux kernel of its own, in a virtual machine. */
import type { Sandbox } from "../contract.ts";
import type { GroundOptions } from "../jail/ground.ts";
import { createJailSandbox } from "../jail/jail-sandbox.ts";
import { containerRuntimes } from "../jail/container-runtimes.ts";
import { chooseOciRuntime } from "../jail/probe.ts";
import { createMicrovm } from "./create-microvm.ts";
import { commandLine, type GuestFiles, syscallNumbers, timeStampRate } from "./guest-files.ts";
import { machineRates } from "./rates.ts";
import { snapshotKind } from "./snapshots/facts.ts";
import { createSnapshotStore } from "./snapshots/snapshots.ts";
import { scratchTmp } from "./scratch.ts";
import { seccompFilter } from "./seccomp-filter.ts";
import type { VmmDriver } from "./vmm/contract.ts";

export interface MicrovmSandboxOptions extends GroundOptions {
  /** Names or paths of OCI runtimes; the first that passes the self-test starts the jails of the VMMs. */
  ociRuntimes: readonly string[];
  driver: VmmDriver;
  guest: GuestFiles;
  /** ms that a guest's start may take; absent: as long as it takes on a busy host. */
  startWithinMs?: number;
}

/** Software emulation takes some 20 times as long for everything. */
const START_WITHIN_MS = { emulated: 300_000, real: 30_000 };

/** Loading a runtime takes some 3 s where there is nothing else to do, instead of 0.2. */
const EMULATION_SLOWNESS = 6;

/** Cleans up after a killed Kiln of the same instance first. Needs root. */
export async function createMicrovmSandbox(options: MicrovmSandboxOptions): Promise<Sandbox> {
  const { driver, guest, ociRuntimes, ...ground } = options;
  const kernelOptions = commandLine(driver.emulated ? await timeStampRate(guest) : undefined);
  const startWithinMs = options.startWithinMs ?? START_WITHIN_MS[driver.emulated ? "emulated" : "real"];
  const numbers = await syscallNumbers(guest);
  const snapshots = createSnapshotStore(ground.runDir, snapshotKind(driver, guest));
  const machine = {
    driver,
    snapshots,
    kernel: guest.kernel,
    initramfs: guest.initramfs,
    sharing: guest.sharing,
    commandLine: kernelOptions,
    startWithinMs,
    rates: machineRates(ground),
  };
  return createJailSandbox(ground, {
    level: "microvm",
    preboot: false,
    snapshots,
    slowness: driver.emulated ? EMULATION_SLOWNESS : undefined,
    choose: (found) =>
      chooseOciRuntime(
        ociRuntimes.flatMap((program) => containerRuntimes(program, found.layout)),
        found,
      ),
    create(host, spec, onGone) {
      const tmp = scratchTmp(host.user);
      const filter = seccompFilter(host.seccomp, numbers);
      return createMicrovm({ ...host, tmp, filter, ...machine }, spec, onGone);
    },
  });
}
