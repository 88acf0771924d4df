/** Metrics: what calls and events add up to, and who may read it. */
import assert from "node:assert/strict";
import { channel } from "node:diagnostics_channel";
import { test, type TestContext } from "node:test";
import { EVENT_CHANNEL, INVOKE_CHANNEL, type EventStep, type InvokeEvent } from "../../src/invoke/contract.ts";
import { FUNCTION_ADDRESS } from "../../src/edge/edge.ts";
import { createMetrics, metricsPage, type Metrics } from "../../src/observability/metrics/index.ts";
import { SOURCE_CHANNEL, type SourceCounts, type SourceEvent } from "../../src/sources/contract.ts";
import { startServer } from "../wire/server.ts";

const of = (functionName: string) => ({ account: "000000000000", region: "us-east-1", functionName, requestId: "r" });
const call = (functionName: string, outcome: InvokeEvent["outcome"], durationMs?: number): void =>
  channel(INVOKE_CHANNEL).publish({
    ...of(functionName),
    outcome,
    totalMs: 1,
    concurrency: 7,
    ...(durationMs === undefined ? {} : { result: { durationMs, billedMs: 1, maxMemoryMB: 1 } }),
  } satisfies InvokeEvent);
const event = (functionName: string, step: EventStep["step"], more: Partial<EventStep> = {}): void =>
  channel(EVENT_CHANNEL).publish({ ...of(functionName), step, ageMs: 30, ...more } satisfies EventStep);

const mapping = (uuid: string, counts: SourceCounts): void =>
  channel(SOURCE_CHANNEL).publish({ ...of("f"), uuid, counts } satisfies SourceEvent & { requestId: string });

function start(context: TestContext, options?: Parameters<typeof createMetrics>[0]): Metrics {
  const metrics = createMetrics(options);
  context.after(() => metrics.close());
  return metrics;
}

const labels = (name: string): string => `account="000000000000",region="us-east-1",function="${name}"`;
const valueOf = (text: string, name: string): string | undefined =>
  text
    .split("\n")
    .find((line) => line.startsWith(`${name} `))
    ?.slice(name.length + 1);

test("calls and events are counted as AWS counts them", (context) => {
  const metrics = start(context);
  for (const outcome of ["success", "function-error", "timeout"] as const) call("f", outcome, 15);
  for (const outcome of ["throttled", "refused", "fault"] as const) call("f", outcome);
  for (const step of ["received", "started", "dropped", "delivery-failed"] as const) event("f", step);
  event("f", "delivery-failed", { deadLetter: true });
  event("f", "found", { count: 5 });
  event("f", "forgotten");
  const text = metrics.text();
  const of = (name: string): string | undefined => valueOf(text, `kiln_${name}{${labels("f")}}`);
  assert.equal(of("invocations_total"), "3");
  assert.equal(of("errors_total"), "2");
  assert.equal(of("throttles_total"), "1");
  assert.equal(of("faults_total"), "1");
  assert.equal(of("duration_milliseconds_count"), "3");
  assert.equal(of("duration_milliseconds_sum"), "45");
  assert.equal(valueOf(text, `kiln_duration_milliseconds_bucket{${labels("f")},le="10"}`), "0");
  assert.equal(valueOf(text, `kiln_duration_milliseconds_bucket{${labels("f")},le="20"}`), "3");
  assert.equal(valueOf(text, `kiln_duration_milliseconds_bucket{${labels("f")},le="+Inf"}`), "3");
  assert.equal(of("async_events_received_total"), "1");
  assert.equal(of("async_event_age_milliseconds_sum"), "30");
  assert.equal(of("async_events_dropped_total"), "1");
  assert.equal(of("async_events_queued"), "5");
  assert.equal(of("destination_delivery_failures_total"), "1");
  assert.equal(of("dead_letter_errors_total"), "1");
  assert.equal(valueOf(text, "kiln_concurrent_executions_peak"), "7");
});

test("records are counted by mapping and function", (context) => {
  const metrics = start(context);
  mapping("u", { polled: 10, filteredOut: 4 });
  mapping("u", { invoked: 6, failedInvoke: 2, deleted: 8 });
  mapping("u", { invoked: 2, dropped: 1, onFailureDestinationDelivered: 1 });
  mapping("other", { polled: 1 });
  const text = metrics.text();
  const value = (name: string, uuid = "u"): string | undefined =>
    valueOf(text, `kiln_event_source_${name}_total{${labels("f")},mapping="${uuid}"}`);
  assert.deepEqual(
    ["polled_events", "filtered_out_events", "invoked_events", "failed_invoke_events", "deleted_events"].map((name) =>
      value(name),
    ),
    ["10", "4", "8", "2", "8"],
  );
  assert.deepEqual([value("dropped_events"), value("on_failure_destination_delivered_events")], ["1", "1"]);
  assert.equal(value("polled_events", "other"), "1");
});

test("the peak of concurrency is forgotten, and functions beyond the bound count as one", (context) => {
  let now = 0;
  const metrics = start(context, { maxFunctions: 2, clock: () => now });
  for (const name of ["a", "b", "c", "d", "c"]) call(name, "success", 1);
  const text = metrics.text();
  assert.equal(valueOf(text, `kiln_invocations_total{${labels("b")}}`), "1");
  assert.equal(valueOf(text, 'kiln_invocations_total{account="*",region="*",function="*"}'), "3");
  assert.ok(!text.includes('"c"'));
  now = 61_000;
  assert.equal(valueOf(metrics.text(), "kiln_concurrent_executions_peak"), "7");
  now = 121_000;
  assert.equal(valueOf(metrics.text(), "kiln_concurrent_executions_peak"), "0");
});

test("programs of this host read them, functions do not", async (context) => {
  const page = metricsPage(start(context));
  await using server = await startServer({
    routes: {
      metrics: page,
      elsewhere: (request, response) => {
        Object.defineProperty(request.socket, "remoteAddress", { value: FUNCTION_ADDRESS });
        page(request, response);
      },
    },
  });
  call("f", "success", 1);
  const read = await fetch(`${server.url}/_kiln/metrics`);
  assert.equal(read.status, 200);
  assert.match(await read.text(), /^# HELP kiln_invocations_total .*\n# TYPE kiln_invocations_total counter\nkiln_inv/);
  assert.equal((await fetch(`${server.url}/_kiln/metrics`, { method: "POST" })).status, 405);
  const refused = await fetch(`${server.url}/_kiln/elsewhere`);
  assert.deepEqual([refused.status, await refused.text()], [404, ""]);
});
