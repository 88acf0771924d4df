import type { PlatformLog } from "./platform-log.ts";

/** The log, and beside it subscribers, while there may be any. */
export function withSubscribers(log: PlatformLog, subscribers: PlatformLog, any: () => boolean): PlatformLog {
  function both(tell: (to: PlatformLog) => void): void {
    tell(log);
    if (any()) tell(subscribers);
  }
  return {
    initStart: (phase) => both((to) => to.initStart(phase)),
    initRuntimeDone: (outcome) => both((to) => to.initRuntimeDone(outcome)),
    extension: (facts) => both((to) => to.extension(facts)),
    initReport: (report) => both((to) => to.initReport(report)),
    restoreStart: () => both((to) => to.restoreStart()),
    restoreRuntimeDone: (outcome) => both((to) => to.restoreRuntimeDone(outcome)),
    restoreReport: (report) => both((to) => to.restoreReport(report)),
    subscribed: (facts) => both((to) => to.subscribed(facts)),
    logsDropped: (dropped) => both((to) => to.logsDropped(dropped)),
    start: (requestId, traceId) => both((to) => to.start(requestId, traceId)),
    fault: (requestId, errorType, message) => both((to) => to.fault(requestId, errorType, message)),
    timedOut: (requestId) => both((to) => to.timedOut(requestId)),
    runtimeDone: (done) => both((to) => to.runtimeDone(done)),
    report: (report) => both((to) => to.report(report)),
  };
}
