/**
 * Lambda's metrics (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html), counted from what the data
 * plane tells about calls and events. In memory: they begin at 0 with the process, as Prometheus expects.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { EVENT_CHANNEL, INVOKE_CHANNEL, type EventStep, type InvokeEvent } from "../../invoke/contract.ts";
import { SOURCE_CHANNEL } from "../../sources/contract.ts";
import { createRegistry } from "./series.ts";
import { createMappingCounters } from "./mappings.ts";

export interface Metrics {
  /** In the text format of Prometheus. */
  text(): string;
  close(): void;
}

const MAX_FUNCTIONS = 2000;
const MINUTE_MS = 60_000;
/** ms, from a warm call to the longest timeout, and to the greatest age of an event. */
const DURATIONS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000, 900_000];
const AGES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 60_000, 600_000, 3_600_000, 21_600_000];

export function createMetrics({ maxFunctions = MAX_FUNCTIONS, clock = Date.now } = {}): Metrics {
  const registry = createRegistry(maxFunctions);
  const invocations = registry.counter(
    "kiln_invocations_total",
    "Calls that functions have run, failed ones included.",
  );
  const errors = registry.counter(
    "kiln_errors_total",
    "Calls that ended with an error of the function or its timeout.",
  );
  const throttles = registry.counter("kiln_throttles_total", "Calls refused for want of concurrency.");
  const recursive = registry.counter(
    "kiln_recursive_invocations_dropped_total",
    "Calls refused because the function is part of a recursive loop.",
  );
  const faults = registry.counter("kiln_faults_total", "Calls that failed because Kiln did.");
  const durations = registry.histogram("kiln_duration_milliseconds", "Time in the function's code.", DURATIONS);
  const received = registry.counter("kiln_async_events_received_total", "Events that were accepted, and are on disk.");
  const ages = registry.histogram(
    "kiln_async_event_age_milliseconds",
    "Age of events when a call of them begins.",
    AGES,
  );
  const queued = registry.gauge("kiln_async_events_queued", "Events on disk: waiting, running, or to be delivered.");
  const dropped = registry.counter("kiln_async_events_dropped_total", "Events given up, delivered as failures or not.");
  const deadLetterErrors = registry.counter("kiln_dead_letter_errors_total", "Events no dead-letter queue could take.");
  const deliveryFailures = registry.counter(
    "kiln_destination_delivery_failures_total",
    "Records that no destination could take.",
  );
  const onSource = createMappingCounters(registry);
  const peak = createPeak(clock);

  const onInvoke = (message: unknown): void => {
    const call = message as InvokeEvent;
    peak.see(call.concurrency);
    if (call.outcome === "throttled") throttles.add(call);
    if (call.outcome === "recursive") recursive.add(call);
    if (call.outcome === "fault") faults.add(call);
    if (call.outcome === "function-error" || call.outcome === "timeout") errors.add(call);
    if (call.outcome === "success" || call.outcome === "function-error" || call.outcome === "timeout") {
      invocations.add(call);
    }
    if (call.result !== undefined) durations.observe(call, call.result.durationMs);
  };
  const onEvent = (message: unknown): void => {
    const event = message as EventStep;
    if (event.step === "received") received.add(event);
    if (event.step === "received" || event.step === "found") queued.add(event, event.count ?? 1);
    if (event.step === "forgotten") queued.add(event, -1);
    if (event.step === "started") ages.observe(event, event.ageMs);
    if (event.step === "dropped") dropped.add(event);
    if (event.step === "delivery-failed") (event.deadLetter === true ? deadLetterErrors : deliveryFailures).add(event);
  };
  subscribe(INVOKE_CHANNEL, onInvoke);
  subscribe(EVENT_CHANNEL, onEvent);
  subscribe(SOURCE_CHANNEL, onSource);

  return {
    text: () => registry.text() + peak.text(),
    close() {
      unsubscribe(INVOKE_CHANNEL, onInvoke);
      unsubscribe(EVENT_CHANNEL, onEvent);
      unsubscribe(SOURCE_CHANNEL, onSource);
    },
  };
}

/** The highest number of this minute and the one before, so that no scrape misses it. */
function createPeak(clock: () => number): { see(value: number): void; text(): string } {
  let minute = 0;
  let current = 0;
  let before = 0;
  function turn(): void {
    const now = Math.floor(clock() / MINUTE_MS);
    if (now === minute) return;
    before = now === minute + 1 ? current : 0;
    current = 0;
    minute = now;
  }
  return {
    see(value) {
      turn();
      current = Math.max(current, value);
    },
    text() {
      turn();
      const name = "kiln_concurrent_executions_peak";
      const help = "Most calls of an account at a time, in this minute and the one before.";
      return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name} ${Math.max(current, before)}\n`;
    },
  };
}
