/** Clients of other servers: loaded by those who have such a server, because they are large. */
import type { ObjectFetcher } from "../artifacts/objects/fetch.ts";
import type { Config } from "../config/index.ts";
import type { QueueService } from "../sources/sqs/contract.ts";
import { ownQueues, type OwnQueues } from "../sources/sqs/own.ts";
import type { ClosableStreamService } from "../sources/streams/contract.ts";

/** The client of S3 is large, and most have no use for it: it is loaded by those who have. */
export async function openObjectStore({ objectStore }: Config): Promise<ObjectFetcher | undefined> {
  if (!objectStore) return undefined;
  const { createObjectFetcher } = await import("../artifacts/objects/fetch.ts");
  return createObjectFetcher(objectStore);
}

/** Queues that mappings read: Kiln's own, and those of the server that is configured. */
export async function openQueues(
  { eventSources }: Config,
  queues: OwnQueues,
): Promise<{ service: QueueService; close: () => void }> {
  if (!eventSources.sqs) return { service: ownQueues(queues), close: () => undefined };
  const { remoteQueues } = await import("../sources/sqs/remote.ts");
  const others = remoteQueues(eventSources.sqs);
  return { service: ownQueues(queues, others), close: others.close };
}

/** The clients of streams are loaded by those who have such a server. */
export async function openStreams({ eventSources }: Config): Promise<readonly ClosableStreamService[]> {
  const services: ClosableStreamService[] = [];
  if (eventSources.kinesis) {
    const { kinesisService } = await import("../sources/kinesis/service.ts");
    services.push(kinesisService(eventSources.kinesis));
  }
  if (eventSources.dynamodb) {
    const { dynamodbService } = await import("../sources/dynamodb/service.ts");
    services.push(dynamodbService(eventSources.dynamodb));
  }
  return services;
}
