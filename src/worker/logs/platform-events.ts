import type { LogSubject, PlatformLog } from "./platform-log.ts";

export type Level = "DEBUG" | "INFO" | "WARN";

/** What the platform says, as JSON logs and subscribers of the Telemetry and Logs APIs get it. */
export interface PlatformEvent {
  level: Level;
  /** For instance `platform.start`. */
  type: string;
  /** Of the Telemetry API's schema; absent for what only the Logs API has. */
  record?: Record<string, unknown>;
  /** What subscribers of the Telemetry API learn beside the record: AWS's logs have it where a function is traced. */
  more?: Record<string, unknown>;
  /** Of the Logs API; absent for what it does not have. */
  logsRecord?: unknown;
}

const inCall: ReadonlySet<string> = new Set(["start", "runtimeDone", "report"]);

const thousandths = (ms: number): number => Math.round(ms * 1000) / 1000;

/**
 * The platform's events, in the schema of AWS's Telemetry API
 * (https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html) and of its Logs API
 * (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-logs-api.html#runtimes-logs-api-msg). The levels are those of
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html.
 */
export function platformEvents(subject: LogSubject, emit: (event: PlatformEvent) => void): PlatformLog {
  function event(level: Level, name: string, record: Record<string, unknown>, logsRecord?: unknown): void {
    emit({ level, type: `platform.${name}`, record, logsRecord, ...(inCall.has(name) ? { more: { tracing } } : {}) });
  }
  function forLogsApi(name: string, logsRecord: unknown): void {
    emit({ level: "DEBUG", type: `platform.${name}`, logsRecord });
  }
  const { initializationType } = subject;
  const environment = {
    runtimeVersion: subject.runtimeVersion,
    runtimeVersionArn: subject.runtimeVersionArn,
    functionName: subject.functionName,
    functionVersion: subject.version,
    instanceId: subject.logStream,
    instanceMaxMemory: subject.memoryMB * 1024 * 1024,
  };
  /** Of the call that runs now. */
  let tracing: { type: "X-Amzn-Trace-Id"; value: string } | undefined;
  return {
    initStart(phase = "init") {
      event("INFO", "initStart", { initializationType, phase, ...environment });
    },
    initRuntimeDone({ phase, status, errorType }) {
      event(status === "success" ? "DEBUG" : "WARN", "initRuntimeDone", {
        initializationType,
        phase,
        status,
        errorType,
      });
    },
    extension({ name, state, events, errorType }) {
      const facts = { name, state, events };
      event(errorType === undefined ? "INFO" : "WARN", "extension", { ...facts, errorType }, facts);
    },
    initReport({ phase, status, errorType, durationMs }) {
      const outcome = { initializationType, phase, status, errorType };
      const metrics = { durationMs: thousandths(durationMs) };
      event(status === "success" ? "DEBUG" : "WARN", "initReport", { ...outcome, metrics });
    },
    restoreStart() {
      event("INFO", "restoreStart", environment);
    },
    restoreRuntimeDone({ status, errorType }) {
      event(status === "success" ? "DEBUG" : "WARN", "restoreRuntimeDone", { status, errorType });
    },
    restoreReport({ status, errorType, durationMs }) {
      const metrics = { durationMs: thousandths(durationMs) };
      event(status === "success" ? "INFO" : "WARN", "restoreReport", { status, errorType, metrics });
    },
    subscribed({ api, name, state, types }) {
      const record = { name, state, types };
      if (api === "telemetry") event("INFO", "telemetrySubscription", record);
      else event("INFO", "logsSubscription", record, record);
    },
    logsDropped({ records, bytes, reason }) {
      const record = { droppedRecords: records, droppedBytes: bytes, reason };
      event("WARN", "logsDropped", record, record);
    },
    start(requestId, traceId) {
      tracing = traceId === undefined ? undefined : { type: "X-Amzn-Trace-Id", value: traceId };
      const { functionArn, version } = subject;
      event("INFO", "start", { requestId, functionArn, version }, { requestId, version });
    },
    // Both stand in the report, as status and errorType.
    fault: (requestId, errorType, message) =>
      forLogsApi("fault", `RequestId: ${requestId} Error: ${message}\n${errorType}`),
    timedOut: (requestId) =>
      forLogsApi("fault", `RequestId: ${requestId} Task timed out after ${subject.timeoutSeconds.toFixed(2)} seconds`),
    runtimeDone({ requestId, status, errorType, durationMs, producedBytes }) {
      const metrics = { durationMs: thousandths(durationMs), producedBytes };
      const record = { requestId, status, errorType, metrics };
      const logsStatus = status === "error" ? "failure" : status;
      event(status === "success" ? "DEBUG" : "WARN", "runtimeDone", record, { requestId, status: logsStatus });
    },
    report({ requestId, status, errorType, durationMs, billedMs, maxMemoryMB, initMs, restore }) {
      const metrics = {
        durationMs: thousandths(durationMs),
        billedDurationMs: billedMs,
        memorySizeMB: subject.memoryMB,
        maxMemoryUsedMB: maxMemoryMB,
        ...(initMs === undefined ? {} : { initDurationMs: thousandths(initMs) }),
        ...(restore === undefined
          ? {}
          : { restoreDurationMs: thousandths(restore.durationMs), billedRestoreDurationMs: restore.billedMs }),
      };
      const level = status === "success" ? "INFO" : "WARN";
      forLogsApi("end", { requestId });
      event(level, "report", { requestId, metrics, status, errorType }, { requestId, metrics });
    },
  };
}
