import type { InitializationType } from "../contract.ts";
import type { ExtensionFacts } from "../extensions-api/index.ts";
import type { Dropped, Stream, TelemetryApi } from "../telemetry-api/index.ts";

/** What the platform itself says in a function's log. Durations in ms. */
export interface PlatformLog {
  /** The text format has no line for the second attempt. */
  initStart(phase?: "init" | "invoke"): void;
  /** The runtime has done its part of the init phase, or will not. */
  initRuntimeDone(outcome: InitOutcome): void;
  /** Only failures are worth a line in the text format. */
  initReport(report: InitReport): void;
  /** An environment is made of a snapshot. */
  restoreStart(): void;
  /** The runtime has run its hooks after the restore, or will not. */
  restoreRuntimeDone(outcome: RestoreOutcome): void;
  restoreReport(report: RestoreReport): void;
  /** How far an extension got in the init phase. */
  extension(facts: ExtensionFacts): void;
  /** An extension has asked for events. */
  subscribed(facts: SubscriptionFacts): void;
  /** A subscriber has missed events. */
  logsDropped(dropped: Dropped): void;
  start(requestId: string, traceId?: string): void;
  /** The runtime process ended or was ended in the middle of a call. */
  fault(requestId: string, errorType: string, message: string): void;
  timedOut(requestId: string): void;
  /** The runtime has answered, or will not. */
  runtimeDone(done: RuntimeDone): void;
  /** END and REPORT. */
  report(report: CallReport): void;
}

interface InitOutcome {
  phase: "init" | "invoke";
  status: "success" | "error" | "timeout";
  errorType?: string;
}

export interface InitReport extends InitOutcome {
  durationMs: number;
}

interface RestoreOutcome {
  status: "success" | "error" | "timeout";
  errorType?: string;
}

export interface RestoreReport extends RestoreOutcome {
  durationMs: number;
}

export interface SubscriptionFacts {
  api: TelemetryApi;
  /** The extension's. */
  name: string;
  state: "Subscribed" | "Already subscribed";
  types: readonly Stream[];
}

interface CallOutcome {
  requestId: string;
  status: "success" | "error" | "timeout";
  errorType?: string;
  durationMs: number;
}

export interface RuntimeDone extends CallOutcome {
  producedBytes: number;
}

export interface CallReport extends CallOutcome {
  billedMs: number;
  maxMemoryMB: number;
  initMs?: number;
  /** Of the first call of an environment that was made of a snapshot. */
  restore?: RestoreTimes | undefined;
}

/** ms */
export interface RestoreTimes {
  durationMs: number;
  /** What of it is the runtime's and its hooks'. */
  billedMs: number;
}

/** What the lines say about the function; the same for all calls of an environment. */
export interface LogSubject {
  functionName: string;
  functionArn: string;
  version: string;
  memoryMB: number;
  timeoutSeconds: number;
  /** For instance `nodejs:24`; absent for a container image. */
  runtimeVersion?: string;
  runtimeVersionArn?: string;
  logStream: string;
  initializationType: InitializationType;
}

/** Writes one event. */
export type WriteLine = (message: string) => void;
