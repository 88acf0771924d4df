/**
 * The worker turns function versions into execution environments and calls them. It holds only what its assignments
 * gave it: no store, no keys, no other function's data.
 */
import { KilnError, type KilnErrorOptions } from "../base/errors.ts";
import type { Readable } from "node:stream";
import type { FunctionTree, JailLimits, NetworkPolicy } from "../sandbox/contract.ts";

/** Everything that a worker may know of a function version. */
export interface Assignment {
  /** Identity of the function version *and* of its configuration; environments serve exactly one key. */
  key: string;
  /** Qualified with the version, or unqualified for $LATEST. */
  functionArn: string;
  functionName: string;
  /** `$LATEST` or a number. */
  version: string;
  account: string;
  region: string;
  /** Empty for a container image, like `handler`. */
  runtime: string;
  handler: string;
  /** Present for a container image: it brings its own runtime. */
  image?: FunctionImage;
  /** 1 to 900. */
  timeoutSeconds: number;
  /** 128 to 10,240. */
  memoryMB: number;
  limits: JailLimits;
  tree: FunctionTree;
  /** Absent: it reaches nobody. */
  network?: NetworkPolicy;
  /** The user's variables. The worker adds AWS's. */
  environment: Readonly<Record<string, string>>;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
  /** Whether the environment is made for a call, or kept ready ahead of calls. Absent: `on-demand`. */
  initializationType?: InitializationType;
  /** Present: it is initialised for a snapshot, or made of one. Its initialization type is `snap-start` then. */
  snapStart?: SnapStart;
  logging: { group: string; format: "Text" | "JSON"; applicationLevel?: string; systemLevel?: string };
}

/** What an environment of a container image consists of. */
export interface FunctionImage {
  /** erofs image of its root file system, on the host. */
  root: string;
  /** The program, which is looked for in PATH, with its arguments. */
  argv: readonly string[];
  workingDirectory: string;
  /** The image's own variables. */
  environment: Readonly<Record<string, string>>;
}

/** What a version with SnapStart has more than others. */
export interface SnapStart {
  /**
   * AWS_CONTAINER_AUTHORIZATION_TOKEN: the same for all environments of the version, as it is a variable of the snapshot. What
   * it opens is the socket of one environment.
   */
  token: string;
  /** What environments are made of. Absent: it is still to be taken. */
  snapshot?: StoredSnapshot;
}

/** A snapshot where it is kept. */
export interface StoredSnapshot {
  /** Unique on the host. */
  readonly id: string;
  /** What `TakenSnapshot.save` gave, checked to be that. */
  read(): AsyncIterable<Uint8Array>;
  /** It cannot be read, or does not fit the host. Whoever keeps it is to have another one taken. */
  unusable(cause: unknown): Promise<void>;
}

/** - `lost`: its snapshot is not usable. `hook`: it failed after the restore. `timeout`: it took too long. */
export type SnapStartFault = "lost" | "hook" | "timeout";

/** No environment can be made of a snapshot. */
export class SnapStartError extends KilnError {
  readonly fault: SnapStartFault;

  constructor(fault: SnapStartFault, message: string, options: KilnErrorOptions = {}) {
    super("SNAP_START_FAILED", message, options);
    this.name = "SnapStartError";
    this.fault = fault;
  }
}

/** A function could not be initialised for its snapshot, for instance with `Runtime.ImportModuleError`. Its log says more. */
export class SnapshotInitError extends KilnError {
  readonly errorType: string;

  constructor(errorType: string) {
    super("SNAPSHOT_INIT_FAILED", `The function could not be initialised: ${errorType}.`);
    this.name = "SnapshotInitError";
    this.errorType = errorType;
  }
}

/** AWS_LAMBDA_INITIALIZATION_TYPE */
export type InitializationType = "on-demand" | "provisioned-concurrency" | "snap-start";

/** Takes a streamed answer while it arrives. */
export interface ResponseSink {
  /** Takes a piece, which is the sink's from now on. False: the function is not read any more until `onReady`. */
  write(piece: Uint8Array): boolean;
  /** Set by the worker; called when more may come after a `write` that answered false. */
  onReady: (() => void) | undefined;
}

export interface Call {
  /** UUID; `x-amzn-RequestId` of the answer. */
  requestId: string;
  /** JSON bytes, at most 6 MiB. */
  payload: Uint8Array;
  /** The ARN the caller invoked (with its qualifier, if any): context.invokedFunctionArn. */
  invokedArn: string;
  /** X-Amzn-Trace-Id. */
  traceId: string;
  /** JSON text of the client context, already base64-decoded. */
  clientContext?: string;
  /** JSON of the Amazon Cognito identity that calls: context.identity. */
  cognitoIdentity?: string;
  /** Of a function that is isolated by tenant: context.tenantId. */
  tenantId?: string;
  /** Whether the caller wants the last 4 KB of the log. */
  tail: boolean;
  /**
   * The caller wants the answer while it arrives. Called when it begins, at most once; a function that fails before it has
   * answered anything is told of by the result alone.
   */
  stream?: (contentType: string) => ResponseSink;
}

export interface CallResult {
  /** The answer, which is the caller's alone, or the error as JSON bytes. Empty when the answer has been streamed to its end. */
  payload: Uint8Array;
  /** Present when the answer has begun to be streamed. `cut`: type of the error by which the platform ended it early. */
  streamed?: { bytes: number; cut?: string };
  /** Set when the function failed: X-Amz-Function-Error. */
  functionError?: "Unhandled" | "Handled";
  /** How the call ended. `error`: the runtime failed; an error that the function's handler reports is `success`. */
  status: "success" | "error" | "timeout";
  /** Last 4,096 bytes of the log, when asked for. */
  logTail?: Uint8Array;
  /** ms. */
  durationMs: number;
  billedMs: number;
  /** Present when this call waited for the init phase. */
  initMs?: number;
  maxMemoryMB: number;
}

/** Why an environment ends. `failed`: it crashed, timed out, ran out of memory or could not initialise. */
export type RetireReason = "idle" | "age" | "changed" | "deleted" | "spindown" | "failed";

export interface Environment {
  readonly id: string;
  readonly key: string;
  /** True when a call can be given to it now; false during a call and once it is dead. */
  readonly idle: boolean;
  /** It is idle without a runtime: its next call starts one, on its own time. */
  readonly cold?: boolean;
  readonly alive: boolean;
  /** It is stopped until its next call: it uses no processor, and no more memory than it has. */
  readonly frozen: boolean;
  /** It has answered, and its runtime has not asked for the next event yet: it will be idle in a moment, usually. */
  readonly settling: boolean;
  /** Error type of an init phase that has failed: the next call would try once more. */
  readonly initFailure?: string | undefined;
  /** It has had as many calls as it is good for: another one should take its place. */
  readonly worn: boolean;
  /** ms since the epoch. */
  readonly createdAt: number;
  readonly lastUsedAt: number;
  /**
   * Runs one call to its end: answer, function error, timeout, crash or out of memory, all as AWS answers them.
   * Waits for the init phase if it is under way. Rejects only with KilnError (the platform failed).
   * Afterwards `alive` says whether the environment can be used again.
   */
  invoke(call: Call): Promise<CallResult>;
  /** Ends it; waits for a running call first. Idempotent; resolves when its jail is gone. */
  retire(reason: RetireReason): Promise<void>;
  /** Resolves when its jail is gone. */
  readonly gone: Promise<void>;
  /** Resolves when its first init phase is over, however it ended. */
  readonly initialized: Promise<void>;
  /** Called whenever `idle` becomes true or `alive` becomes false. One observer: the placement. */
  onChange: (() => void) | undefined;
}

/** Code of the KilnError of an `invoke` whose environment ended before its runtime saw the event: try another one. */
export const ENVIRONMENT_GONE = "ENVIRONMENT_GONE";

/** On `node:diagnostics_channel` under this name: the life of every environment, each step once. */
export const ENVIRONMENT_CHANNEL = "kiln:environment";

export interface EnvironmentEvent {
  step: "started" | "initialized" | "init-failed" | "ended";
  environmentId: string;
  account: string;
  region: string;
  functionName: string;
  version: string;
  runtime: string;
  memoryMB: number;
  /** It came from the pool of pre-booted jails. */
  preboot: boolean;
  /** With `initialized` and `init-failed`: ms of the init phase, or of the restore where it was made of a snapshot. */
  initMs?: number;
  /** With `init-failed`: for instance `Runtime.ImportModuleError`. */
  errorType?: string;
  /** With `ended`. */
  reason?: RetireReason;
}

/** A snapshot that has been taken, in memory. */
export interface TakenSnapshot {
  /** All of it, in the clear. */
  save(): Readable;
  /** It has been kept under this id, and will be wanted soon. */
  kept(id: string): void;
  /** Idempotent; does nothing after `kept`. */
  release(): Promise<void>;
}

/** Initialises functions ahead of all environments. */
export interface SnapStarter {
  /**
   * Two assignments of the same kind can have the same snapshot: it changes with the host, Kiln's guest, the runtime's image and
   * what the function's processes are given. Undefined: no snapshot of such a function can be taken.
   */
  kindOf(assignment: Assignment): string | undefined;
  /**
   * Runs the init phase, up to 130 s or the function's timeout, and takes the snapshot. Undefined: what the function has
   * started cannot be taken along. Throws SnapshotInitError, and KilnError when the host cannot.
   */
  take(assignment: Assignment): Promise<TakenSnapshot | undefined>;
  /** Ends what is being taken: who waits for it gets KilnError WORKER_CLOSED. */
  close(): Promise<void>;
}

export interface Worker {
  /** Absent: this level of isolation has no snapshots. */
  readonly snapStarter?: SnapStarter | undefined;
  /**
   * Takes a pre-booted jail or creates one, and starts the init phase. Resolves as soon as `invoke` may be called.
   * Rejects with KilnError when the host cannot (`RUNTIME_MISSING`, `SANDBOX_FAILED`, …).
   */
  start(assignment: Assignment): Promise<Environment>;
  /** The machine is short of memory: gives up what is kept ready for functions to come. False when there is nothing. */
  relieve(): boolean;
  /** Ends every environment: running calls finish up to their own timeouts, at most `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** Where log lines of environments go. Implemented by observability. */
export interface LogSink {
  open(stream: { account: string; region: string; group: string; stream: string }): LogStream;
}

export interface LogStream {
  /** One event, without its newline. Bounded by the caller to 256 KB. Never blocks; a full disk is counted, not thrown. */
  write(timestampMs: number, message: string): void;
  close(): void;
}
