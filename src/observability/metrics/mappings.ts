/** What event source mappings do with records: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html#event-source-mapping-metrics */
import type { SourceCounts, SourceEvent } from "../../sources/contract.ts";
import type { Registry } from "./series.ts";

const families: Readonly<Record<keyof SourceCounts, readonly [name: string, help: string]>> = {
  polled: ["polled_events", "Records that mappings have read."],
  filteredOut: ["filtered_out_events", "Records that no filter let through."],
  invoked: ["invoked_events", "Records that functions were called with; repetitions count again."],
  failedInvoke: ["failed_invoke_events", "Records of calls that failed, or that a function named as failed."],
  dropped: ["dropped_events", "Records given up without a destination that heard of it."],
  onFailureDestinationDelivered: [
    "on_failure_destination_delivered_events",
    "Records given up that a destination was told of.",
  ],
  deleted: ["deleted_events", "Messages deleted from their queues."],
};

/** What listens to the sources' channel. */
export function createMappingCounters(registry: Registry): (message: unknown) => void {
  const counters = Object.entries(families).map(
    ([member, [name, help]]) =>
      [member as keyof SourceCounts, registry.counter(`kiln_event_source_${name}_total`, help)] as const,
  );
  return (message) => {
    const event = message as SourceEvent;
    for (const [member, counter] of counters) {
      const by = event.counts[member];
      if (by !== undefined) counter.add(event, by);
    }
  };
}
