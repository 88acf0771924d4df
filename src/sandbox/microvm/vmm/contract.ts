/**
 * A virtual machine monitor (VMM): the program that runs one virtual machine. It sits in a jail of its own, as an
 * unprivileged process without files, network or neighbours, and a guest that owns it owns nothing more.
 *
 * The jail (`microvm/vmm-jail`) makes everything a VMM touches and starts it; a driver only says what the program is told:
 * its arguments, and what is sent to its API socket. **Every path here is one inside the jail**, unless it is said to
 * be the host's. A driver opens no file of the host and starts no process.
 *
 * What the jail has, seen from inside:
 *
 *   /                    the driver's `rootImage`, read-only
 *   /run/vmm             the only directory that can be written to; `API_SOCKET` is made there by the VMM
 *   /vm/…                kernel, initramfs, drives and snapshots, as files; those of `VmPlan`
 *   /dev                 null, zero, random, urandom, and the devices that the driver asks for
 *   the network          a namespace with the TAP device of `VmNetwork` in it, which belongs to the VMM's user
 *   limits               cgroup (guest memory plus `overheadMB`), system call filter, own ids, no capabilities
 */
import type { Socket } from "node:net";

/** Where the VMM listens for the driver. */
export const API_SOCKET = "/run/vmm/api.sock";

/** As Firecracker has them: `size` tokens are there at once, and come back within `refillMs`. */
export interface TokenBucket {
  size: number;
  refillMs: number;
  /** Tokens on top that are given once and never again. */
  oneTimeBurst?: number;
}

/** Absent: not limited. */
export interface VmRateLimit {
  /** A token is a byte. */
  bandwidth?: TokenBucket;
  /** A token is an operation. */
  operations?: TokenBucket;
}

export interface VmDrive {
  /** [a-z0-9]{1,20}, unique in the machine. */
  id: string;
  path: string;
  readOnly: boolean;
  rateLimit?: VmRateLimit | undefined;
}

export interface VmNetwork {
  /** Name of a TAP device that is there already, for one queue, with a virtio header (IFF_VNET_HDR). */
  tap: string;
  /** For instance `02:6b:69:6c:6e:02`. */
  mac: string;
  /** To the guest. */
  receive?: VmRateLimit | undefined;
  /** From the guest. */
  transmit?: VmRateLimit | undefined;
}

export interface VmBoot {
  /** An ELF file (`vmlinux`) with a PVH entry. */
  kernel: string;
  initramfs: string;
  /** Without what a driver adds of its own: its console, and how devices are found. */
  commandLine: string;
}

/** Two files. A machine that is loaded from them has the same machine, drives and network as the one that was saved. */
export interface VmSnapshot {
  /** Devices and CPUs. */
  state: string;
  /** Guest memory, mapped privately: many machines can be loaded from one file. Empty where `state` has it all. */
  memory: string;
}

export interface VmMachine {
  vcpus: number;
  /** MiB. */
  memoryMB: number;
  /** In the guest they are /dev/vda, /dev/vdb, … in this order. */
  drives: readonly VmDrive[];
  network: VmNetwork;
  /** Of the entropy device, which every machine has. */
  entropyLimit?: VmRateLimit | undefined;
}

export interface VmPlan {
  /** [a-z0-9-]{1,64} */
  id: string;
  machine: VmMachine;
  /** What it starts from. A machine that is loaded has the kernel it was booted with; VMMs compare the two. */
  from: VmBoot & ({ kind: "boot" } | ({ kind: "snapshot" } & VmSnapshot));
  /** Present where the machine is to be saved later: where to. The files are there already, empty. */
  savesTo?: VmSnapshot | undefined;
}

/** What the jail starts: a program of the root image, with arguments. No shell. */
export interface VmmCommand {
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
}

/** The VMM, started by the jail and waiting for its driver. */
export interface VmmProcess {
  /** Connects to `API_SOCKET`, as soon as it is there. The peer may be a guest that broke out: what it says is bounded and checked. */
  connect(): Promise<Socket>;
  /**
   * Sends bytes through such a connection, and with them a descriptor of `VmSnapshot.state`, for a VMM that opens no files for
   * its snapshots: to be read where the plan starts from one, to be written where the machine is to be saved.
   */
  sendState(socket: Socket, bytes: Uint8Array): void;
  /** Resolves once, when the process has ended; the error says with what status, and what it wrote to stderr. */
  readonly ended: Promise<Error>;
}

/** A machine that runs or is paused. Every method rejects when the VMM has ended. */
export interface Vm {
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Of a paused machine, to its plan's `savesTo`, once. The machine stays paused, and can be resumed. */
  save(): Promise<void>;
  /** Lets go of the API socket; the jail ends the process. Idempotent. */
  close(): void;
}

/** Besides those of functions. */
export interface VmmSystemCalls {
  /** Whatever the arguments. */
  calls: readonly string[];
  /** Requests of ioctl, one by one. */
  ioctls: readonly number[];
  /** All requests of a type (asm-generic/ioctl.h, _IOC_TYPE), for instance 0xae: KVM's. */
  ioctlTypes?: readonly number[];
}

export interface VmmDriver {
  readonly name: "qemu" | "firecracker";
  /** Version of the program, for `kiln doctor`. */
  readonly version: string;
  /** On the host: an erofs image with the program and all that it needs. */
  readonly rootImage: string;
  /** Software emulation: slow, and never chosen by `auto`. Time limits of the guest's start are longer there. */
  readonly emulated: boolean;
  /** Character devices that the jail must have. */
  readonly devices: readonly ("/dev/net/tun" | "/dev/kvm")[];
  readonly seccomp: VmmSystemCalls;
  /** Whether it opens the files of snapshots itself; otherwise they are not in its jail, and it is sent `state` alone. */
  readonly opensSnapshots: boolean;
  /** MiB that the program takes besides the guest's memory, for a machine. */
  overheadMB(machine: VmMachine): number;
  /** Threads of the program, for a machine. */
  threads(machine: VmMachine): number;
  /** What is started. A pure function of the plan. */
  command(plan: VmPlan): VmmCommand;
  /**
   * Tells the started program of the plan, and starts the machine. Resolves when the guest runs, or, after `paused`,
   * when it could run; rejects with a KilnError when the program refuses or ends. Console output of the guest is
   * the program's stdout.
   */
  start(vmm: VmmProcess, plan: VmPlan, options?: { paused?: boolean }): Promise<Vm>;
}
