/** SQS over HTTP with the official client: real wire and store, and a clock that the test moves. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { createQueues } from "../../src/queues/queues.ts";
import type { Queues } from "../../src/queues/contract.ts";
import { sqsService } from "../../src/services/sqs/index.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { startWire } from "../logs/wire-server.ts";

export const arn = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;

export interface TestSqs {
  client: SQSClient;
  url: string;
  /** Creates a queue and gives its URL. */
  queue: (name: string, attributes?: Record<string, string>) => Promise<string>;
  queues: Queues;
  /** Moves the clock, in ms. */
  pass: (ms: number) => void;
  reports: unknown[];
}

export async function startSqs(context: TestContext): Promise<TestSqs> {
  const dir = await mkdtemp(join(tmpdir(), "kiln-sqs-"));
  let moved = 0;
  const clock = (): number => Date.now() + moved;
  const store = await openSqliteStore({ dir, clock });
  const reports: unknown[] = [];
  const report = (error: unknown): void => void reports.push(error);
  const queues = createQueues({ documents: store.documents, queue: store.queue, clock, report });
  await queues.start();
  const url = await startWire(context, [sqsService({ queues })]);
  const client = new SQSClient({
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId: "000000000000", secretAccessKey: "any" },
    maxAttempts: 1,
  });
  context.after(async () => {
    client.destroy();
    await queues.close();
    await store.close();
    await rm(dir, { recursive: true, force: true });
  });
  return {
    client,
    url,
    queues,
    reports,
    pass: (ms) => void (moved += ms),
    async queue(QueueName, Attributes = {}) {
      const { QueueUrl = "" } = await client.send(new CreateQueueCommand({ QueueName, Attributes }));
      return QueueUrl;
    },
  };
}
