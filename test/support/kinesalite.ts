/** Kinesis as others have written it: kinesalite, in this process. */
import { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import {
  CreateStreamCommand,
  DescribeStreamCommand,
  KinesisClient,
  PutRecordsCommand,
  type PutRecordsRequestEntry,
} from "@aws-sdk/client-kinesis";

const kinesalite = createRequire(import.meta.url)("kinesalite") as (options: object) => Server;

export interface Kinesis {
  endpoint: string;
  client: KinesisClient;
  /** Resolves to its ARN when it is active. */
  create(name: string, shards: number): Promise<string>;
  active(name: string): Promise<string>;
  put(name: string, records: readonly { key: string; data: string }[]): Promise<void>;
}

export interface TestKinesis extends Kinesis {
  stop(): Promise<void>;
  /** On the same port, with what it had. */
  restart(): Promise<void>;
}

export async function startKinesis(context: TestContext): Promise<TestKinesis> {
  const server = kinesalite({ createStreamMs: 5, deleteStreamMs: 5, updateStreamMs: 5, shardLimit: 100 });
  const listen = (port: number): Promise<void> => new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  /** Nobody answers any more; kinesalite's own `close` would forget its streams. */
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      Server.prototype.close.call(server, () => resolve());
      server.closeAllConnections();
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  context.after(close);
  return { ...kinesisAt(context, `http://127.0.0.1:${port}`), stop, restart: () => listen(port) };
}

/** Any server that speaks Kinesis. */
export function kinesisAt(context: TestContext, endpoint: string): Kinesis {
  const client = new KinesisClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "000000000000", secretAccessKey: "kiln" },
    requestHandler: new NodeHttpHandler(),
  });
  context.after(() => client.destroy());
  const kinesis: Kinesis = {
    endpoint,
    client,
    async create(StreamName, ShardCount) {
      await client.send(new CreateStreamCommand({ StreamName, ShardCount }));
      return kinesis.active(StreamName);
    },
    async active(StreamName) {
      for (;;) {
        const { StreamDescription: stream } = await client.send(new DescribeStreamCommand({ StreamName }));
        if (stream?.StreamStatus === "ACTIVE") return stream.StreamARN ?? "";
      }
    },
    async put(StreamName, records) {
      const Records = records.map(({ key, data }): PutRecordsRequestEntry => ({
        PartitionKey: key,
        Data: Buffer.from(data),
      }));
      for (let from = 0; from < Records.length; from += 500) {
        await client.send(new PutRecordsCommand({ StreamName, Records: Records.slice(from, from + 500) }));
      }
    },
  };
  return kinesis;
}
