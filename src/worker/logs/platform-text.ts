import type { LogSubject, PlatformLog, WriteLine } from "./platform-log.ts";

/**
 * The plain text format, byte by byte as AWS writes it: fields end with tabs, and a report without status ends with one.
 * AWS shows a timeout in the report's status; the older `Task timed out` line, which alarms and queries look for, is
 * kept beside it.
 */
export function textLog(subject: LogSubject, write: WriteLine): PlatformLog {
  return {
    initStart(phase = "init") {
      if (phase === "init" && subject.runtimeVersion !== undefined)
        write(
          `INIT_START Runtime Version: ${subject.runtimeVersion}\tRuntime Version ARN: ${subject.runtimeVersionArn}`,
        );
    },
    // INIT_REPORT says it.
    initRuntimeDone: () => undefined,
    initReport({ phase, status, errorType, durationMs }) {
      if (status === "success") {
        // No call's report has it: https://docs.aws.amazon.com/lambda/latest/dg/snapstart-monitoring.html
        if (subject.initializationType === "snap-start")
          write(`INIT_REPORT Init Duration: ${durationMs.toFixed(2)} ms`);
        return;
      }
      const type = errorType === undefined ? "" : `\tError Type: ${errorType}`;
      write(`INIT_REPORT Init Duration: ${durationMs.toFixed(2)} ms\tPhase: ${phase}\tStatus: ${status}${type}`);
    },
    restoreStart() {
      if (subject.runtimeVersion === undefined) return;
      write(
        `RESTORE_START Runtime Version: ${subject.runtimeVersion}\tRuntime Version ARN: ${subject.runtimeVersionArn}`,
      );
    },
    // RESTORE_REPORT says it.
    restoreRuntimeDone: () => undefined,
    restoreReport({ status, errorType, durationMs }) {
      const type = errorType === undefined ? "" : `\tError Type: ${errorType}`;
      const outcome = status === "success" ? "" : `\tStatus: ${status}${type}`;
      write(`RESTORE_REPORT Restore Duration: ${durationMs.toFixed(2)} ms${outcome}`);
    },
    extension({ name, state, events, errorType }) {
      const type = errorType === undefined ? "" : `\tError Type: ${errorType}`;
      write(`EXTENSION\tName: ${name}\tState: ${state}\tEvents: [${events.join(",")}]${type}`);
    },
    subscribed({ api, name, state, types }) {
      const shown = api === "logs" ? types.join(",") : types.map(capitalized).join(", ");
      write(`${api === "logs" ? "LOGS" : "TELEMETRY"}\tName: ${name}\tState: ${state}\tTypes: [${shown}]`);
    },
    // AWS tells subscribers alone.
    logsDropped: () => undefined,
    start(requestId) {
      write(`START RequestId: ${requestId} Version: ${subject.version}`);
    },
    fault(requestId, errorType, message) {
      write(`RequestId: ${requestId} Error: ${message}\n${errorType}`);
    },
    timedOut(requestId) {
      const time = new Date().toISOString();
      write(`${time} ${requestId} Task timed out after ${subject.timeoutSeconds.toFixed(2)} seconds`);
    },
    // END and REPORT say it.
    runtimeDone: () => undefined,
    report({ requestId, status, errorType, durationMs, billedMs, maxMemoryMB, initMs, restore }) {
      write(`END RequestId: ${requestId}`);
      const init = initMs === undefined ? "" : `Init Duration: ${initMs.toFixed(2)} ms\t`;
      const restored =
        restore === undefined
          ? ""
          : `Restore Duration: ${restore.durationMs.toFixed(2)} ms\tBilled Restore Duration: ${restore.billedMs} ms\t`;
      const type = errorType === undefined ? "" : `\tError Type: ${errorType}`;
      write(
        `REPORT RequestId: ${requestId}\tDuration: ${durationMs.toFixed(2)} ms\tBilled Duration: ${billedMs} ms\t` +
          `Memory Size: ${subject.memoryMB} MB\tMax Memory Used: ${maxMemoryMB} MB\t${init}${restored}` +
          (status === "success" ? "" : `Status: ${status}${type}`),
      );
    },
  };
}

function capitalized(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
