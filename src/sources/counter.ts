/** Tells what a mapping does with its records, where it is set to be counted. */
import { channel } from "node:diagnostics_channel";
import { SOURCE_CHANNEL, type SourceCounts, type SourceEvent, type SourceMapping } from "./contract.ts";

export type Count = (counts: SourceCounts) => void;

export function createCounter({ scope, uuid, functionName, settings }: SourceMapping): Count {
  if (settings.MetricsConfig?.Metrics?.includes("EventCount") !== true) return () => undefined;
  const events = channel(SOURCE_CHANNEL);
  const { account, region } = scope;
  return (counts) => {
    if (events.hasSubscribers) events.publish({ account, region, uuid, functionName, counts } satisfies SourceEvent);
  };
}
