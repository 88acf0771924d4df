import type {
  FunctionTree,
  Jail,
  JailExit,
  JailLimits,
  JailProcess,
  JailSnapshot,
  KeptTmp,
  NetworkPolicy,
  Sandbox,
  ServedPort,
} from "../../sandbox/contract.ts";
import { Extensions, type FunctionFacts } from "../extensions-api/index.ts";
import { createFreezer, type Freezer } from "./freezer.ts";
import { createGuestOutput, type GuestOutput } from "../logs/guest-output.ts";
import {
  createRuntimeApi,
  type RuntimeApi,
  type RuntimeListener,
  type ServedCredentials,
} from "../runtime-api/index.ts";
import { Telemetry } from "../telemetry-api/index.ts";
import { startExtensions, type ExtensionProcess } from "./extension-processes.ts";
import { launchFault, type Fault } from "./outcome.ts";

export interface GuestListener extends RuntimeListener {
  /** The runtime process is gone. */
  exited(exit: JailExit): void;
  /** An extension has registered, has become ready, or has reported an error. */
  extensionsChanged(): void;
  /** The process of an external extension is gone. */
  extensionExited(fault: Fault): void;
}

/** Where the lines of a guest go. */
export interface GuestLines {
  runtime(line: string): void;
  extension(line: string): void;
}

/**
 * One runtime process in its jail, with the two ways it speaks to the worker: the Runtime API and its output. A function
 * with external extensions has their processes in the same jail.
 */
export interface Guest {
  readonly jail: Jail;
  readonly api: RuntimeApi;
  /** The runtime's. */
  readonly output: GuestOutput;
  readonly preboot: boolean;
  /** Between calls nothing of it runs. */
  readonly freezer: Freezer;
  readonly extensions: Extensions;
  readonly telemetry: Telemetry;
  readonly extensionProcesses: readonly ExtensionProcess[];
  /** Whether the runtime's process has been started, and has not ended. */
  readonly runtimeRuns: boolean;
  readonly runtimeExited: Promise<void>;
  /** Hears what the guest does, and what it has done since it was created. */
  listen(listener: GuestListener): void;
  /** From now on lines go there. */
  logTo(lines: GuestLines): void;
  /** SIGTERM to the runtime. */
  terminateRuntime(): void;
  /** Nothing more is told to the listener. */
  silence(): void;
  /** Why the program of a container image could not be started; asked once its output has been read. */
  launchFault(exit: JailExit): Fault | undefined;
  readonly ended: boolean;
  /** Kills it; resolves when nothing of it is left. Idempotent. */
  end(): Promise<void>;
}

export interface GuestSpec {
  id: string;
  rootImage: string;
  argv: readonly string[];
  /** Of a container image; see `JailSpec`. */
  workingDirectory?: string;
  env: Readonly<Record<string, string>>;
  limits: JailLimits;
  /** Absent for a pre-booted guest. */
  tree?: FunctionTree;
  /** Of the guest before, in the same environment. */
  tmp?: KeptTmp;
  facts?: FunctionFacts;
  /** Names of the external extensions, and their variables. The runtime starts when each of them has registered. */
  extensions?: { names: readonly string[]; env: Readonly<Record<string, string>> };
  /** Absent: it reaches nobody. */
  network?: NetworkPolicy | undefined;
  /** Kiln's own API, for the guest. Absent: it has no way to it. */
  kilnApi?: ServedPort | undefined;
  /** Of a function with SnapStart: what it is given when it asks. */
  credentials?: ServedCredentials | undefined;
  /** Its snapshot will be taken. */
  snapshotted?: boolean;
  /** It goes on where this was taken. */
  from?: JailSnapshot;
  /** Its runtime waits for the assignment, though the function is known. Absent: where it is not known. */
  preboot?: boolean;
}

export async function createGuest(sandbox: Sandbox, spec: GuestSpec): Promise<Guest> {
  const preboot = spec.preboot ?? spec.tree === undefined;
  const several = spec.extensions !== undefined && spec.extensions.names.length > 0;
  let listener: GuestListener | undefined;
  // Without a listener there is no call, so a guest can at most become ready, fail to initialise, and exit.
  const missed: ((listener: GuestListener) => void)[] = [];
  let ended = false;
  function tell(what: (listener: GuestListener) => void): void {
    if (ended) return;
    if (listener === undefined) missed.push(what);
    else what(listener);
  }
  const extensions = new Extensions({
    external: spec.extensions?.names ?? [],
    changed() {
      if (several) startRuntime();
      tell((to) => to.extensionsChanged());
    },
  });
  if (spec.facts !== undefined) extensions.facts = spec.facts;
  const telemetry = new Telemetry((port) => jail.connect(port));
  const api = createRuntimeApi({
    preboot,
    extensions,
    telemetry,
    credentials: spec.credentials,
    snapStart: spec.credentials && (spec.from === undefined ? "snapshot" : "restored"),
    listener: {
      ready: () => tell((to) => to.ready()),
      responded: (payload) => tell((to) => to.responded(payload)),
      streaming: (contentType) => (ended ? undefined : listener?.streaming(contentType)),
      streamed: (end) => tell((to) => to.streamed(end)),
      failed: (failure) => tell((to) => to.failed(failure)),
      initFailed: (failure) => tell((to) => to.initFailed(failure)),
      restoreReady: () => tell((to) => to.restoreReady()),
      restoreFailed: (failure) => tell((to) => to.restoreFailed(failure)),
    },
  });
  const { facts: _, extensions: external, preboot: _preboot, credentials: _served, ...jailSpec } = spec;
  const jail = await sandbox.create({
    ...jailSpec,
    argv: several ? [] : spec.argv,
    onConnection: (socket) => api.accept(socket),
  });
  const freezer = createFreezer(jail);
  let lines: GuestLines | undefined;
  let lastLine = "";
  let output = createGuestOutput(several ? [] : [jail.stdout, jail.stderr]);
  let runtime: JailProcess | undefined;
  let runtimeGone = false;
  const runtimeEnd = Promise.withResolvers<void>();

  function runtimeExited(exit: JailExit): void {
    if (runtimeGone) return;
    runtimeGone = true;
    runtimeEnd.resolve();
    tell((to) => to.exited(exit));
  }

  function startRuntime(): void {
    if (runtime !== undefined || ended || !extensions.registered) return;
    runtime = jail.run({ argv: spec.argv, env: spec.env });
    output = createGuestOutput([runtime.stdout, runtime.stderr]);
    attach();
    void runtime.exited.then((exit) => runtimeExited({ ...exit, oomKilled: jail.memory().oomKills > 0 }));
  }

  let extensionProcesses: ExtensionProcess[] = [];
  if (several) {
    // What a launcher says itself is no line of the function.
    jail.stdout.resume();
    jail.stderr.resume();
    extensionProcesses = startExtensions(jail, extensions, external?.env ?? {}, (fault) =>
      tell((to) => to.extensionExited(fault)),
    );
  }

  function attach(): void {
    const to = lines;
    if (to === undefined) return;
    output.onLine = (line) => {
      lastLine = line;
      to.runtime(line);
    };
    for (const process of extensionProcesses) process.output.onLine = (line) => to.extension(line);
  }

  let ending: Promise<void> | undefined;
  void jail.exited.then((exit) => runtimeExited(exit));
  return {
    jail,
    api,
    get output() {
      return output;
    },
    preboot,
    freezer,
    extensions,
    telemetry,
    extensionProcesses,
    get runtimeRuns() {
      return !runtimeGone && (!several || runtime !== undefined);
    },
    runtimeExited: runtimeEnd.promise,
    listen(to) {
      listener = to;
      for (const what of missed.splice(0)) what(to);
    },
    logTo(to) {
      lines = to;
      attach();
    },
    terminateRuntime() {
      if (several) runtime?.kill("SIGTERM");
      else jail.terminate();
    },
    launchFault: (exit) => launchFault(exit, lastLine, spec.workingDirectory),
    get ended() {
      return ending !== undefined;
    },
    silence() {
      ended = true;
      freezer.close();
    },
    end() {
      ended = true;
      freezer.close();
      telemetry.end();
      // Killed first: a runtime that is hung up on would say so in the function's log.
      ending ??= jail.destroy().then(() => undefined);
      api.close();
      return ending;
    },
  };
}
