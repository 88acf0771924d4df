import type { LogSubject, PlatformLog, WriteLine } from "./platform-log.ts";

const RANK = { DEBUG: 0, INFO: 1, WARN: 2 } as const;
type Level = keyof typeof RANK;

const thousandths = (ms: number): number => Math.round(ms * 1000) / 1000;

/**
 * The JSON format: events of AWS's Telemetry API schema, one per line
 * (https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html), kept or dropped by the function's
 * system log level (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html).
 */
export function jsonLog(subject: LogSubject, write: WriteLine, systemLevel = "INFO"): PlatformLog {
  const least = RANK[systemLevel as Level] ?? RANK.INFO;
  function event(level: Level, type: string, record: Record<string, unknown>): void {
    if (RANK[level] < least) return;
    write(JSON.stringify({ time: new Date().toISOString(), type: `platform.${type}`, record }));
  }
  return {
    initStart() {
      event("INFO", "initStart", {
        initializationType: subject.initializationType,
        phase: "init",
        runtimeVersion: subject.runtimeVersion,
        runtimeVersionArn: subject.runtimeVersionArn,
        functionName: subject.functionName,
        functionVersion: subject.version,
        instanceId: subject.logStream,
        instanceMaxMemory: subject.memoryMB * 1024 * 1024,
      });
    },
    initReport({ phase, status, errorType, durationMs }) {
      const level = status === "success" ? "DEBUG" : "WARN";
      const outcome = { initializationType: subject.initializationType, phase, status, errorType };
      event(level, "initRuntimeDone", outcome);
      event(level, "initReport", { ...outcome, metrics: { durationMs: thousandths(durationMs) } });
    },
    extension({ name, state, events, errorType }) {
      event(errorType === undefined ? "INFO" : "WARN", "extension", { name, state, events, errorType });
    },
    start(requestId) {
      event("INFO", "start", { requestId, functionArn: subject.functionArn, version: subject.version });
    },
    // Both stand in the report, as status and errorType.
    fault: () => undefined,
    timedOut: () => undefined,
    runtimeDone({ requestId, status, errorType, durationMs, producedBytes }) {
      event(status === "success" ? "DEBUG" : "WARN", "runtimeDone", {
        requestId,
        status,
        errorType,
        metrics: { durationMs: thousandths(durationMs), producedBytes },
      });
    },
    report({ requestId, status, errorType, durationMs, billedMs, maxMemoryMB, initMs }) {
      event(status !== "success" ? "WARN" : "INFO", "report", {
        requestId,
        metrics: {
          durationMs: thousandths(durationMs),
          billedDurationMs: billedMs,
          memorySizeMB: subject.memoryMB,
          maxMemoryUsedMB: maxMemoryMB,
          ...(initMs === undefined ? {} : { initDurationMs: thousandths(initMs) }),
        },
        status,
        ...(errorType === undefined ? {} : { errorType }),
      });
    },
  };
}
