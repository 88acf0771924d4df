/** Kinesis Data Streams, or any server that speaks like it, through the official client. */
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  type GetShardIteratorCommandInput,
} from "@aws-sdk/client-kinesis";
import { createClients, type EndpointOptions } from "../../base/aws-clients.ts";
import type { ClosableStreamService, Position, StreamReader } from "../streams/contract.ts";
import { everyPage } from "../streams/pages.ts";
import { shardOf } from "../streams/shard-of.ts";
import { kinesisRecord } from "./record.ts";

export function kinesisService(options: EndpointOptions): ClosableStreamService {
  const clients = createClients(options, (settings) => new KinesisClient(settings));
  return {
    kind: "kinesis",
    batchInfo: "KinesisBatchInfo",
    data: "data",
    // AWS reads each shard once a second: https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
    pollMs: 1000,
    // A shard may be read five times a second, by all who read it: https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
    gapMs: 200,
    maxRead: 10_000,
    open: (arn, roleArn) => openStream(clients.of(arn), arn, roleArn),
    close: clients.close,
  };
}

function openStream(client: KinesisClient, arn: string, roleArn: string): StreamReader {
  // A consumer's ARN begins with that of its stream.
  const StreamARN = arn.replace(/\/consumer\/.*$/, "");
  // Servers that are not AWS's may know only names.
  const stream = { StreamARN, StreamName: StreamARN.slice(StreamARN.indexOf("/") + 1) };
  return {
    async shards(abortSignal) {
      const all = await everyPage(async (NextToken) => {
        const command = new ListShardsCommand(NextToken === undefined ? stream : { NextToken });
        const page = await client.send(command, { abortSignal });
        return { items: page.Shards, next: page.NextToken };
      });
      return all.map(shardOf);
    },
    async iterator(ShardId, position, fresh, abortSignal) {
      const command = new GetShardIteratorCommand({ ...stream, ShardId, ...where(position, fresh) });
      const { ShardIterator: iterator } = await client.send(command, { abortSignal });
      return iterator;
    },
    async read(shardId, ShardIterator, Limit, abortSignal) {
      const answer = await client.send(new GetRecordsCommand({ ShardIterator, Limit }), { abortSignal });
      return {
        records: (answer.Records ?? []).map((record) => kinesisRecord(record, { arn, shardId, roleArn })),
        // null at the end of the shard.
        next: answer.NextShardIterator ?? undefined,
      };
    },
  };
}

function where(
  position: Position,
  fresh: boolean,
): Pick<GetShardIteratorCommandInput, "ShardIteratorType" | "Timestamp" | "StartingSequenceNumber"> & {
  ShardIteratorType: NonNullable<GetShardIteratorCommandInput["ShardIteratorType"]>;
} {
  switch (position.from) {
    case "oldest":
      return { ShardIteratorType: "TRIM_HORIZON" };
    case "latest":
      if (fresh) return { ShardIteratorType: "LATEST" };
      return { ShardIteratorType: "AT_TIMESTAMP", Timestamp: new Date(position.at) };
    case "time":
      return { ShardIteratorType: "AT_TIMESTAMP", Timestamp: new Date(position.at) };
    case "after":
      return { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber: position.sequenceNumber };
  }
}
