/**
 * One isolation level. The jail is the same idea on every level: a place where a hostile process can run, with one way
 * out: the Runtime API socket that the host listens on inside the jail's own network namespace.
 */
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { KilnError, type KilnErrorOptions } from "../base/errors.ts";

export type IsolationLevel = "container" | "gvisor" | "microvm";

/** Where the Runtime API listens, seen from inside: `AWS_LAMBDA_RUNTIME_API`. */
export const RUNTIME_API_HOST = "127.0.0.1";
export const RUNTIME_API_PORT = 9001;
/**
 * The name of an abstract Unix socket where the Runtime API listens as well, in jails whose kernel is the host's and can keep
 * it safe. Kiln's own bootstraps try it first: bytes need less of both processors' time than through TCP.
 */
export const RUNTIME_API_SOCKET = "kiln-runtime-api";

export interface JailLimits {
  /** Memory of the jail, in MB (AWS's MB: MiB). Swap is off. */
  memoryMB: number;
  /** CPU in vCPUs; 1 is one full core. */
  vcpus: number;
  /** Processes and threads. AWS: 1,024. */
  pids: number;
  /** Size of /tmp in MB. */
  tmpMB: number;
}

/** What a jail may send: one rule of a security group. */
export interface EgressRule {
  /** `all` is every protocol of IPv4. */
  protocol: "tcp" | "udp" | "icmp" | "all";
  /** First and last port; absent: every port. Only with tcp and udp. */
  ports?: readonly [number, number];
  /** IPv4 ranges, for instance `10.1.0.0/16`. */
  cidrs: readonly string[];
}

/**
 * Whom a jail may speak to. Never the host's own addresses, other jails, link-local, loopback, multicast and metadata
 * addresses, whatever is said here; and nobody may ever open a connection to a jail.
 *
 * `private`: destinations that are in `routes`, or on the internet where `internet` is true, *and* that a rule allows.
 */
export type NetworkPolicy =
  | { readonly kind: "none" | "internet" }
  | {
      readonly kind: "private";
      /** IPv4 ranges, which may be private ones. */
      readonly routes: readonly string[];
      readonly internet: boolean;
      readonly egress: readonly EgressRule[];
    };

/** A directory that functions share: an access point, and where it appears. */
export interface SharedFiles {
  /** The access point's ARN. */
  name: string;
  /** `/mnt/NAME`; AWS's LocalMountPath. */
  at: string;
  source: HostDirectory | NfsExport;
  /** Directory below the source that is all a function sees, for instance `/team`; `/` is all of it. */
  root: string;
  readOnly: boolean;
}

export interface HostDirectory {
  readonly kind: "directory";
  /** Absolute, on the host, without links. */
  readonly path: string;
  /** Whose rights a function has there, and to whom its files belong on the disk. */
  readonly user: { readonly uid: number; readonly gid: number };
  /** How the root is made where it is missing; absent: it has to be there. */
  readonly creation?: { readonly uid: number; readonly gid: number; readonly mode: number } | undefined;
}

/** The server decides whose rights a function has. */
export interface NfsExport {
  readonly kind: "nfs";
  /** Name or address of a server of NFS 4.1 or later. */
  readonly server: string;
  readonly path: string;
}

/** Why an access point is not there: AWS's exceptions of Invoke. */
export type FileSystemFault = "failure" | "timeout" | "connectivity";

/** A shared directory cannot be mounted; the message is the operator's. */
export class FileSystemError extends KilnError {
  readonly fault: FileSystemFault;
  /** ARN. */
  readonly accessPoint: string;

  constructor(fault: FileSystemFault, accessPoint: string, message: string, options: KilnErrorOptions = {}) {
    super("FILE_SYSTEM_UNAVAILABLE", message, options);
    this.name = "FileSystemError";
    this.fault = fault;
    this.accessPoint = accessPoint;
  }
}

/** What belongs to one function version. Paths are erofs images on the host, mounted once and shared read-only. */
export interface FunctionTree {
  /** → /var/task */
  code?: string;
  /** → /opt, one image of the merged layers. */
  layers?: string;
  /** → /mnt, only of a jail that is made for the function. */
  files?: readonly SharedFiles[];
}

/** The /tmp of a jail that has ended. It goes with the next jail that gets it, or when it is released. */
export interface KeptTmp {
  /** Idempotent. */
  release(): Promise<void>;
}

/**
 * A jail as it was at one moment: memory, processes, /tmp. In the host's memory and nowhere else. Jails that start from it
 * (`JailSpec.from`) have fresh random numbers, clock, names and addresses before any process of theirs goes on.
 */
export interface JailSnapshot {
  /** What it takes of the host's memory. */
  readonly bytes: number;
  /** All of it for `Snapshots.load`, in the clear: whoever writes it down encrypts it. Errors after `release`. */
  save(): Readable;
  /** Jails that were made of it stay. Idempotent. */
  release(): Promise<void>;
}

export interface Snapshots {
  /** What takes saved snapshots of other hosts or versions apart from those that this sandbox loads: VMM, kernel, processor. */
  readonly kind: string;
  /**
   * The limits that a jail of a runtime alone must have for jails with these limits to start from its snapshot, so that few
   * snapshots serve all functions; undefined: there is none of that size.
   */
  runtimeLimits(limits: JailLimits): JailLimits | undefined;
  /**
   * What `JailSnapshot.save` has given. It is trusted: whoever kept it knows that nobody has changed it.
   * Throws KilnError SNAPSHOT_UNFIT where it is of another `kind`, or is none.
   */
  load(from: AsyncIterable<Uint8Array>): Promise<JailSnapshot>;
}

export interface JailSpec {
  /** Unique on the host, [a-z0-9-]{1,64}; names the cgroup and the run directory. */
  id: string;
  /** erofs image of the runtime's root file system. */
  rootImage: string;
  /**
   * Present: the root is the function's own image, and nothing of a `tree` is shown in it; where its first process begins.
   * A directory of the image, by its absolute path. Where there is none, the jail ends as if `PATH/.` were its program, which
   * its standard error tells.
   */
  workingDirectory?: string;
  /** The guest's first process. Empty: there is none, and the jail lasts until it is destroyed; `run` fills it. */
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Limits now; `assign` may change them. */
  limits: JailLimits;
  /** Present when the function is known at the start; absent for a pre-booted jail. */
  tree?: FunctionTree;
  /** Absent: `none`. A sandbox without a network gives none, whatever is asked. */
  network?: NetworkPolicy | undefined;
  /** The /tmp of an earlier jail of the same environment; its size stays. The jail's from now on, also if it cannot start. */
  tmp?: KeptTmp;
  /** Every connection to the Runtime API from inside this jail, and from nowhere else. */
  onConnection(socket: Socket): void;
  /** Another port of the same address that is served: Kiln's own API. Absent: nothing listens there. */
  kilnApi?: ServedPort | undefined;
  /**
   * Its `snapshot` will be taken. Without a tree it is a runtime's: its clock lies days in the past, so that whatever reseeds
   * itself as time goes by does so in each jail that starts from it, and its /tmp cannot be written to.
   */
  snapshotted?: boolean | undefined;
  /**
   * It goes on where this was taken: `argv`, `env`, `rootImage` and `workingDirectory` have to be what they were. One of a
   * runtime gets the tree and the limits of this specification; one of a function must have the same, and no `tmp`. Its
   * connections to the Runtime API have ended (end of file): its processes have to connect and ask anew.
   */
  from?: JailSnapshot | undefined;
}

export interface ServedPort {
  port: number;
  onConnection(socket: Socket): void;
}

export interface JailExit {
  /** Exit status of the guest's first process, null when a signal ended it or it is unknown. */
  status: number | null;
  /** For instance `SIGKILL`. */
  signal: string | null;
  /** The kernel killed something in the jail for want of memory. */
  oomKilled: boolean;
}

/** One of several processes of a jail: an extension, or a runtime that has extensions. */
export interface JailProcess {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves once, also when the jail ends. */
  readonly exited: Promise<{ status: number | null; signal: string | null }>;
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}

export interface Command {
  /** The program's path inside, and its arguments. */
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
}

export interface MemoryUse {
  currentBytes: number;
  /** Since the last `resetPeak`, or the start. */
  peakBytes: number;
  oomKills: number;
}

export interface Jail {
  readonly id: string;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves once, when every process of the jail is gone. */
  readonly exited: Promise<JailExit>;
  /**
   * Gives a pre-booted jail to a function version: its code and layers appear at /var/task and /opt, its limits change,
   * and it may speak to whom `network` names (absent: to nobody).
   * At most once, and only on a jail that was created without a tree. `tree.files` must be absent.
   */
  assign(tree: FunctionTree, limits: JailLimits, network?: NetworkPolicy): Promise<void>;
  /** As of at most some 100 ms ago. */
  memory(): MemoryUse;
  /** The same as the `peakBytes` of `memory()`, where asking for it alone costs less. */
  peakBytes?(): number;
  /**
   * Starts a process, in a jail that was made without a first one. A program that is not there ends with status 127, one
   * that may not be run with 126, as in a shell.
   */
  run(command: Command): JailProcess;
  /** Connects to a port of the jail's own loopback. The peer is function code; errors come as the socket's events. */
  connect(port: number): Socket;
  /**
   * Changes the CPU share at once: functions get a burst while they initialise, and their own share afterwards. Absent
   * where the level cannot change it; the worker then asks for the function's own share from the start.
   */
  setVcpus?(vcpus: number): void;
  /**
   * Stops all processes of the jail where they are, without their noticing; `thaw` lets them go on. Only clocks have moved
   * meanwhile: what they have in memory, and their connections, stay. Both are idempotent, quick, and do nothing in a jail
   * that has ended. Absent where the host or the level cannot do it.
   */
  freeze?(): void;
  thaw?(): void;
  /** From now on /tmp does not end with the jail; undefined where it has. Absent where the level cannot do it. */
  keepTmp?(): KeptTmp | undefined;
  /**
   * Of a jail that was made to be `snapshotted`, and has a first process, while that waits for the Runtime API. It stops where
   * it is, its connections are closed, and the jail ends: this is over once its memory has been taken, at most once. What it
   * has said before is in `stdout` and `stderr`. Absent where the level cannot do it.
   */
  snapshot?(): Promise<JailSnapshot>;
  /** SIGTERM to the guest's processes; thaws them. */
  terminate(): void;
  /** SIGKILL to everything in it; resolves when nothing of it is left: no process, mount, cgroup or namespace. */
  destroy(): Promise<JailExit>;
}

export interface Sandbox {
  readonly level: IsolationLevel;
  /** Whether `assign` works, so that a pool of pre-booted jails makes sense. */
  readonly preboot: boolean;
  /** How many times as long as elsewhere the init phase and a call's wait for it may take: guests are emulated. Absent: 1. */
  readonly slowness?: number | undefined;
  /** Absent where the level cannot take any. */
  readonly snapshots?: Snapshots | undefined;
  create(spec: JailSpec): Promise<Jail>;
  /** Names of what is in one directory of an image, except directories. Nothing where the directory is missing. */
  filesIn(image: string, dir: string): string[];
  /** Destroys every jail and gives back what the sandbox holds on the host. */
  close(): Promise<void>;
}
