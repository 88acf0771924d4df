/**
 * Firecracker as a VMM. The jail does what Firecracker's own jailer would: an unprivileged user of its own, a root with
 * nothing in it, cgroups, namespaces, no capabilities (docs/jailer.md). On top of the jail's list of system calls Firecracker
 * sets its own filters, a narrower one for each kind of thread; nothing here ever turns them off.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { KilnError } from "../../../base/errors.ts";
import {
  API_SOCKET,
  type Vm,
  type VmBoot,
  type VmMachine,
  type VmPlan,
  type VmmDriver,
  type VmmProcess,
} from "../vmm/contract.ts";
import { firecrackerApi, type FirecrackerApi } from "./api.ts";
import { type FirecrackerHttp, openFirecracker } from "./http.ts";
import { bootSource, drive, machineConfiguration, networkInterface, rateLimiter, snapshotLoad } from "./plan.ts";
import { IOCTLS, SYSTEM_CALLS } from "./system-calls.ts";

/** Where the root image has the program. */
export const PROGRAM = "/firecracker";

/**
 * Firecracker itself stays below 5 MB (SPECIFICATION.md); the rest is the kernel's, for page tables and for KVM's own
 * tables of the guest's memory, and the pages of the program.
 */
const OVERHEAD_MB = 24;
const MEMORY_PER_TABLES = 128;

/** The one that runs the devices, and the one that serves the API. */
const OWN_THREADS = 2;
/** An OCI runtime's, which becomes the program: as long as it is itself, it is several. */
const STARTER_THREADS = 24;

async function configure(api: FirecrackerApi, machine: VmMachine, from: VmBoot): Promise<void> {
  await api.setMachine(machineConfiguration(machine));
  await api.setBootSource(bootSource(from));
  // The order in which the guest has them.
  for (const one of machine.drives) await api.setDrive(drive(one));
  await api.setNetwork(networkInterface(machine));
  await api.setEntropy(machine.entropyLimit && rateLimiter(machine.entropyLimit));
  // Never inflated. The guest tells through it which pages it no longer uses, and the host has them back.
  await api.setBalloon({ amount_mib: 0, deflate_on_oom: true, free_page_reporting: true });
}

/** How long after its socket a process that ends is gone at the latest; only the quality of a message depends on it. */
const END_TAKES_MS = 1000;

/** @param paused A machine that boots is configured then, and has not started: the first `resume` starts it. */
function vmOf(http: FirecrackerHttp, api: FirecrackerApi, plan: VmPlan, paused: boolean, ended: Promise<never>): Vm {
  /** A VMM that has ended says why it did, which is more than that it does not answer. */
  async function unlessEnded(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (error instanceof KilnError && error.code === "FIRECRACKER_REFUSED") throw error;
      await Promise.race([ended, sleep(END_TAKES_MS, undefined, { ref: false })]);
      throw error;
    }
  }
  let starts = paused && plan.from.kind === "boot";
  return {
    pause: () => unlessEnded(api.pause()),
    async resume() {
      if (!starts) return unlessEnded(api.resume());
      await unlessEnded(api.start());
      starts = false;
    },
    save() {
      if (plan.savesTo === undefined) {
        return Promise.reject(new KilnError("VMM_CANNOT_SAVE", "This machine was not made to be saved."));
      }
      const { state, memory } = plan.savesTo;
      return unlessEnded(api.createSnapshot({ snapshot_type: "Full", snapshot_path: state, mem_file_path: memory }));
    },
    close: () => http.close(),
  };
}

async function run(api: FirecrackerApi, plan: VmPlan, paused: boolean): Promise<void> {
  const { from } = plan;
  if (from.kind === "snapshot") return api.loadSnapshot(snapshotLoad(plan.machine, from, !paused));
  await configure(api, plan.machine, from);
  if (!paused) await api.start();
}

async function start(process: VmmProcess, plan: VmPlan, paused: boolean): Promise<Vm> {
  const ended = process.ended.then((error): never => {
    throw error;
  });
  ended.catch(() => undefined);
  const http = openFirecracker(await Promise.race([process.connect(), ended]));
  const api = firecrackerApi(http);
  const vm = vmOf(http, api, plan, paused, ended);
  try {
    await Promise.race([run(api, plan, paused), ended]);
    return vm;
  } catch (error) {
    http.close();
    throw error;
  }
}

export interface FirecrackerOptions {
  /** For instance `1.16.1`. */
  version: string;
  /** On the host: an erofs image with the program at `PROGRAM`. */
  rootImage: string;
}

export function firecrackerDriver({ version, rootImage }: FirecrackerOptions): VmmDriver {
  return {
    name: "firecracker",
    version,
    rootImage,
    emulated: false,
    devices: ["/dev/kvm", "/dev/net/tun"],
    opensSnapshots: true,
    seccomp: { calls: SYSTEM_CALLS, ioctls: IOCTLS },
    overheadMB: ({ memoryMB }: VmMachine) => OVERHEAD_MB + Math.ceil(memoryMB / MEMORY_PER_TABLES),
    threads: ({ vcpus }) => vcpus + OWN_THREADS + STARTER_THREADS,
    command: ({ id }) => ({
      // Its log goes where messages go; standard output is the guest's console.
      argv: [PROGRAM, "--id", id, "--api-sock", API_SOCKET, "--log-path", "/proc/self/fd/2", "--level", "Error"],
      env: {},
    }),
    start: (process, plan, { paused = false } = {}) => start(process, plan, paused),
  };
}
