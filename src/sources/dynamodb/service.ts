/** DynamoDB Streams, or any server that speaks like it, through the official client. */
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
} from "@aws-sdk/client-dynamodb-streams";
import { createClients, type EndpointOptions } from "../../base/aws-clients.ts";
import type { ClosableStreamService, Position, StreamReader } from "../streams/contract.ts";
import { everyPage } from "../streams/pages.ts";
import { shardOf } from "../streams/shard-of.ts";
import { dynamodbRecord } from "./record.ts";

export function dynamodbService(options: EndpointOptions): ClosableStreamService {
  const clients = createClients(options, (settings) => new DynamoDBStreamsClient(settings));
  return {
    kind: "dynamodb",
    batchInfo: "DDBStreamBatchInfo",
    data: undefined,
    // AWS reads each shard four times a second: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
    pollMs: 250,
    gapMs: 100,
    maxRead: 1000,
    open: (arn) => openStream(clients.of(arn), arn),
    close: clients.close,
  };
}

function openStream(client: DynamoDBStreamsClient, StreamArn: string): StreamReader {
  return {
    async shards(abortSignal) {
      const all = await everyPage(async (ExclusiveStartShardId) => {
        const command = new DescribeStreamCommand({ StreamArn, ExclusiveStartShardId });
        const { StreamDescription: page } = await client.send(command, { abortSignal });
        return { items: page?.Shards, next: page?.LastEvaluatedShardId };
      });
      return all.map(shardOf);
    },
    async iterator(ShardId, position, fresh, abortSignal) {
      const command = new GetShardIteratorCommand({ StreamArn, ShardId, ...where(position, fresh) });
      return (await client.send(command, { abortSignal })).ShardIterator ?? undefined;
    },
    async read(_shardId, ShardIterator, Limit, abortSignal) {
      const answer = await client.send(new GetRecordsCommand({ ShardIterator, Limit }), { abortSignal });
      return {
        records: (answer.Records ?? []).map((record) => dynamodbRecord(record, StreamArn)),
        next: answer.NextShardIterator ?? undefined,
      };
    },
  };
}

/** There is no iterator for a time: all is read, and who asks leaves out what is older. */
function where(
  position: Position,
  fresh: boolean,
): Required<Pick<GetShardIteratorCommandInput, "ShardIteratorType">> & { SequenceNumber?: string } {
  if (position.from === "after") {
    return { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: position.sequenceNumber };
  }
  return { ShardIteratorType: position.from === "latest" && fresh ? "LATEST" : "TRIM_HORIZON" };
}
