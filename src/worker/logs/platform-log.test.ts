import assert from "node:assert/strict";
import { test } from "node:test";
import { testAssignment } from "../testing/fixtures.ts";
import { logStreamName } from "./environment-log.ts";
import type { LogSubject } from "./platform-log.ts";
import { jsonLog } from "./platform-json.ts";
import { textLog } from "./platform-text.ts";

const subject: LogSubject = {
  functionName: "f",
  functionArn: "arn:aws:lambda:us-east-1:000000000000:function:f",
  version: "$LATEST",
  memoryMB: 128,
  timeoutSeconds: 3,
  runtimeVersion: "nodejs:24",
  runtimeVersionArn: "arn:aws:lambda:us-east-1::runtime:1",
  logStream: "2026/11/23/[$LATEST]0",
  initializationType: "on-demand",
};
const report = {
  requestId: "r",
  status: "success",
  durationMs: 2.367,
  billedMs: 427,
  maxMemoryMB: 95,
} as const;
const done = { requestId: "r", status: "success", durationMs: 2.367, producedBytes: 3 } as const;

function lines(write: (log: ReturnType<typeof textLog>) => void, json?: string): string[] {
  const written: string[] = [];
  const add = (line: string): void => void written.push(line);
  write(json === undefined ? textLog(subject, add) : jsonLog(subject, add, json));
  return written;
}

test("the text lines are AWS's, tab by tab", () => {
  assert.deepEqual(
    lines((log) => {
      log.initStart();
      log.initReport({ phase: "init", status: "success", durationMs: 1 });
      log.initReport({ phase: "init", status: "timeout", durationMs: 9999.8 });
      log.initReport({ phase: "invoke", status: "error", errorType: "Runtime.ExitError", durationMs: 80.49 });
      log.extension({ name: "e", state: "Ready", events: ["INVOKE", "SHUTDOWN"], errorType: undefined });
      log.extension({ name: "x", state: "LaunchError", events: [], errorType: "PermissionDenied" });
      log.initRuntimeDone({ phase: "init", status: "success" });
      log.initStart("invoke");
      log.subscribed({ api: "telemetry", name: "e", state: "Subscribed", types: ["platform", "function"] });
      log.subscribed({ api: "logs", name: "e", state: "Already subscribed", types: ["platform", "function"] });
      log.logsDropped({ records: 1, bytes: 2, reason: "slow" });
      log.start("r");
      log.runtimeDone(done);
      log.fault("r", "Runtime.ExitError", "Runtime exited with error: exit status 1");
      log.report({ ...report, initMs: 423.98 });
      log.report({ ...report, status: "timeout", durationMs: 3000, billedMs: 3403, initMs: 402.04 });
      log.report({ ...report, status: "error", errorType: "Runtime.OutOfMemory" });
    }),
    [
      "INIT_START Runtime Version: nodejs:24\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:1",
      "INIT_REPORT Init Duration: 9999.80 ms\tPhase: init\tStatus: timeout",
      "INIT_REPORT Init Duration: 80.49 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.ExitError",
      "EXTENSION\tName: e\tState: Ready\tEvents: [INVOKE,SHUTDOWN]",
      "EXTENSION\tName: x\tState: LaunchError\tEvents: []\tError Type: PermissionDenied",
      "TELEMETRY\tName: e\tState: Subscribed\tTypes: [Platform, Function]",
      "LOGS\tName: e\tState: Already subscribed\tTypes: [platform,function]",
      "START RequestId: r Version: $LATEST",
      "RequestId: r Error: Runtime exited with error: exit status 1\nRuntime.ExitError",
      "END RequestId: r",
      "REPORT RequestId: r\tDuration: 2.37 ms\tBilled Duration: 427 ms\tMemory Size: 128 MB\tMax Memory Used: 95 MB\tInit Duration: 423.98 ms\t",
      "END RequestId: r",
      "REPORT RequestId: r\tDuration: 3000.00 ms\tBilled Duration: 3403 ms\tMemory Size: 128 MB\tMax Memory Used: 95 MB\tInit Duration: 402.04 ms\tStatus: timeout",
      "END RequestId: r",
      "REPORT RequestId: r\tDuration: 2.37 ms\tBilled Duration: 427 ms\tMemory Size: 128 MB\tMax Memory Used: 95 MB\tStatus: error\tError Type: Runtime.OutOfMemory",
    ],
  );
});

test("the JSON events are AWS's, at the default level", () => {
  const written = lines((log) => {
    log.initStart();
    log.initReport({ phase: "init", status: "success", durationMs: 1 });
    log.start("r");
    log.report({ ...report, initMs: 463.5123 });
  }, "INFO").map((line) => JSON.parse(line) as { time: string; type: string; record: unknown });
  for (const { time } of written) assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(
    written.map(({ type, record }) => [type, record]),
    [
      [
        "platform.initStart",
        {
          initializationType: "on-demand",
          phase: "init",
          runtimeVersion: "nodejs:24",
          runtimeVersionArn: "arn:aws:lambda:us-east-1::runtime:1",
          functionName: "f",
          functionVersion: "$LATEST",
          instanceId: "2026/11/23/[$LATEST]0",
          instanceMaxMemory: 134_217_728,
        },
      ],
      ["platform.start", { requestId: "r", functionArn: subject.functionArn, version: "$LATEST" }],
      [
        "platform.report",
        {
          requestId: "r",
          metrics: {
            durationMs: 2.367,
            billedDurationMs: 427,
            memorySizeMB: 128,
            maxMemoryUsedMB: 95,
            initDurationMs: 463.512,
          },
          status: "success",
        },
      ],
    ],
  );
});

const types = (level: string): string[] =>
  lines((log) => {
    log.initRuntimeDone({ phase: "init", status: "error", errorType: "Runtime.ExitError" });
    log.initReport({ phase: "init", status: "error", errorType: "Runtime.ExitError", durationMs: 1 });
    log.start("r");
    log.runtimeDone({ ...done, status: "error", errorType: "Runtime.ExitError" });
    log.report({ ...report, status: "error", errorType: "Runtime.ExitError" });
    log.runtimeDone(done);
    log.report(report);
  }, level).map((line) => (JSON.parse(line) as { type: string }).type.replace("platform.", ""));

test("the system log level keeps what went wrong, or everything", () => {
  assert.deepEqual(types("WARN"), ["initRuntimeDone", "initReport", "runtimeDone", "report"]);
  assert.deepEqual(types("DEBUG"), [
    "initRuntimeDone",
    "initReport",
    "start",
    "runtimeDone",
    "report",
    "runtimeDone",
    "report",
  ]);
});

test("a stream in a shared group names the function", () => {
  const day = new Date("2026-11-23T23:59:59Z");
  assert.equal(logStreamName(testAssignment(), day, "ab"), "2026/11/23/[$LATEST]ab");
  const shared = testAssignment({ logging: { group: "/shared", format: "Text" }, version: "7" });
  assert.equal(logStreamName(shared, day, "ab"), "2026/11/23/hello[7]ab");
});
