/** Records as functions get them: https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html */
import type { _Record } from "@aws-sdk/client-kinesis";
import type { StreamRecord } from "../streams/contract.ts";

export interface Origin {
  /** As in the mapping. */
  arn: string;
  shardId: string;
  /** Execution role of the function. */
  roleArn: string;
}

export function kinesisRecord(record: _Record, { arn, shardId, roleArn }: Origin): StreamRecord {
  const { SequenceNumber: sequenceNumber = "", PartitionKey: partitionKey = "", ApproximateArrivalTimestamp } = record;
  const arrivedAt = ApproximateArrivalTimestamp?.getTime() ?? Date.now();
  const data = Buffer.from(record.Data ?? []);
  const kinesis = {
    kinesisSchemaVersion: "1.0",
    partitionKey,
    sequenceNumber,
    data: data.toString("base64"),
    // Seconds.
    approximateArrivalTimestamp: arrivedAt / 1000,
  };
  const event = {
    eventSource: "aws:kinesis",
    eventVersion: "1.0",
    eventID: `${shardId}:${sequenceNumber}`,
    eventName: "aws:kinesis:record",
    invokeIdentityArn: roleArn,
    awsRegion: arn.split(":")[3] ?? "",
    eventSourceARN: arn,
  };
  return {
    sequenceNumber,
    key: partitionKey,
    arrivedAt,
    text: JSON.stringify({ kinesis, ...event }),
    view: { ...event, ...kinesis, data: data.toString("utf8") },
  };
}
