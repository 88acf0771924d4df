/** QEMU as a VMM: with KVM, or without it by software emulation, which is slow and for tests and hosts without KVM. */
import { KilnError } from "../../../base/errors.ts";
import { within } from "../../jail/ending.ts";
import type { Vm, VmmDriver } from "../vmm/contract.ts";
import { load, save, takeState } from "./migration.ts";
import { type Acceleration, qemuCommand, TRANSLATED_MB } from "./command.ts";
import { openQmp } from "./qmp.ts";

export interface QemuOptions {
  /** On the host: see `VmmDriver.rootImage`. */
  rootImage: string;
  version: string;
  acceleration: Acceleration;
}

/** Heap, code and device buffers, measured (VmRSS without the guest's memory: 45 to 60 MB). */
const OVERHEAD_MB = 96;
/** How long after its socket a process that ends is gone at the latest; only the quality of a message depends on it. */
const END_TAKES_MS = 1_000;
/** Its own, and a pool for reading and writing drives, of up to 64. */
const THREADS = 72;

/** linux/if_tun.h: TUNSETIFF, TUNGETFEATURES, TUNSETOFFLOAD, TUNGETIFF, TUNSETSNDBUF, TUNSETVNETHDRSZ, …LE, …BE. */
const TUN = [0x400454ca, 0x800454cf, 0x400454d0, 0x800454d2, 0x400454d4, 0x400454d8, 0x400454dc, 0x400454de];
/** linux/kvm.h has a type of requests of its own; QEMU uses about sixty of them, others with every version. */
const KVM = 0xae;
const BLOCK = [0x1260, 0x1268, 0x127b]; // BLKGETSIZE, BLKSSZGET, BLKPBSZGET

export function qemuDriver({ rootImage, version, acceleration }: QemuOptions): VmmDriver {
  const emulated = acceleration === "tcg";
  return {
    name: "qemu",
    version,
    rootImage,
    emulated,
    devices: emulated ? ["/dev/net/tun"] : ["/dev/net/tun", "/dev/kvm"],
    opensSnapshots: false,
    // It sets a stricter filter of its own.
    seccomp: { calls: ["seccomp"], ioctls: [...TUN, ...BLOCK], ioctlTypes: emulated ? [] : [KVM] },
    // What emulation keeps besides the code itself is about as much again.
    overheadMB: () => OVERHEAD_MB + (emulated ? 2 * TRANSLATED_MB : 0),
    threads: ({ vcpus }) => THREADS + vcpus,
    command: (plan) => qemuCommand(plan, acceleration),
    async start(vmm, plan, { paused = false } = {}): Promise<Vm> {
      /** A program that has ended says why it did, which is more than that its socket is gone. */
      const orEnd = async <T>(work: Promise<T>): Promise<T> => {
        try {
          return await work;
        } catch (error) {
          const end = await within(END_TAKES_MS, vmm.ended, () => undefined);
          throw end ?? error;
        }
      };
      const socket = await orEnd(vmm.connect());
      const qmp = await orEnd(openQmp(socket));
      const execute = (command: string): Promise<unknown> => orEnd(qmp.execute(command));
      const loads = plan.from.kind === "snapshot";
      if (loads || plan.savesTo !== undefined) {
        await orEnd(takeState(qmp, (line) => vmm.sendState(socket, line)));
      }
      if (loads) await orEnd(load(qmp));
      if (!paused) await execute("cont");
      return {
        async pause() {
          await execute("stop");
        },
        async resume() {
          await execute("cont");
        },
        save: () =>
          plan.savesTo === undefined
            ? Promise.reject(new KilnError("VMM_CANNOT_SAVE", "This machine was not made to be saved."))
            : orEnd(save(qmp)),
        close: () => qmp.close(),
      };
    },
  };
}
