/** Where results of asynchronous calls and records that are given up can go. */
import { systemClock } from "../base/clock.ts";
import type { Config } from "../config/index.ts";
import type { Deliver, EventQueue } from "../invoke/contract.ts";
import { createDestinations, type ClosableDestination } from "../invoke/destinations/destinations.ts";
import { lambdaDestination } from "../invoke/destinations/lambda.ts";
import { sqsDestination } from "../invoke/destinations/sqs.ts";
import type { Queues } from "../queues/contract.ts";

export interface DestinationParts {
  queues: Queues;
  events: () => EventQueue;
}

/** The clients of other servers are loaded by those who have such a server, because they are large. */
export async function openDestinations(
  { destinations, eventSources, objectStore }: Config,
  { queues, events }: DestinationParts,
): Promise<{ deliver: Deliver; close: () => void }> {
  const opened: ClosableDestination[] = [];
  const keep = (destination: ClosableDestination): Deliver => {
    opened.push(destination);
    return destination.deliver;
  };
  const services: Record<string, Deliver> = { lambda: lambdaDestination(events) };
  let otherQueues: Deliver | undefined;
  if (eventSources.sqs) {
    const { remoteSqsDestination } = await import("../invoke/destinations/remote-sqs.ts");
    otherQueues = keep(remoteSqsDestination(eventSources.sqs));
  }
  services["sqs"] = sqsDestination(queues, otherQueues);
  if (destinations.sns) {
    const { snsDestination } = await import("../invoke/destinations/sns.ts");
    services["sns"] = keep(snsDestination(destinations.sns));
  }
  if (destinations.eventBridge) {
    const { eventBridgeDestination } = await import("../invoke/destinations/event-bridge.ts");
    services["events"] = keep(eventBridgeDestination(destinations.eventBridge));
  }
  if (objectStore) {
    const { s3Destination } = await import("../invoke/destinations/s3.ts");
    services["s3"] = keep(s3Destination({ ...objectStore, clock: systemClock }));
  }
  return {
    deliver: createDestinations(services),
    close() {
      for (const destination of opened) destination.close();
    },
  };
}
