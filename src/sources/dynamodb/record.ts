/** Records as functions get them: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
import type { AttributeValue, _Record } from "@aws-sdk/client-dynamodb-streams";
import type { StreamRecord } from "../streams/contract.ts";

type Attributes = Readonly<Record<string, AttributeValue>>;

export function dynamodbRecord(record: _Record, arn: string): StreamRecord {
  const { dynamodb: change = {}, userIdentity: by } = record;
  const { SequenceNumber: sequenceNumber = "", ApproximateCreationDateTime: created } = change;
  const arrivedAt = created?.getTime() ?? Date.now();
  const keys = change.Keys && plainAttributes(change.Keys);
  const event = {
    eventID: record.eventID,
    eventName: record.eventName,
    eventVersion: record.eventVersion,
    eventSource: "aws:dynamodb",
    awsRegion: arn.split(":")[3] ?? "",
    dynamodb: {
      // Seconds.
      ApproximateCreationDateTime: arrivedAt / 1000,
      ...(keys === undefined ? {} : { Keys: keys }),
      ...(change.NewImage === undefined ? {} : { NewImage: plainAttributes(change.NewImage) }),
      ...(change.OldImage === undefined ? {} : { OldImage: plainAttributes(change.OldImage) }),
      SequenceNumber: sequenceNumber,
      SizeBytes: change.SizeBytes,
      StreamViewType: change.StreamViewType,
    },
    // Of what DynamoDB has deleted by itself, because its time to live was over.
    ...(by === undefined ? {} : { userIdentity: { type: by.Type, principalId: by.PrincipalId } }),
    eventSourceARN: arn,
  };
  return {
    sequenceNumber,
    // The order of its members is the server's choice.
    key: JSON.stringify(Object.entries(keys ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    arrivedAt,
    text: JSON.stringify(event),
    view: event,
  };
}

function plainAttributes(attributes: Attributes): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, plain(value)]));
}

/** As DynamoDB's JSON: bytes as base64. */
function plain(value: AttributeValue): unknown {
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(base64) };
  if (value.L !== undefined) return { L: value.L.map(plain) };
  if (value.M !== undefined) return { M: plainAttributes(value.M) };
  return value;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
