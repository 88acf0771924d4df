/** Messages as functions get them: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
import type { QueueMessage } from "../../queues/contract.ts";
import { md5OfAttributes, md5OfBody } from "../../base/sqs-checksums.ts";

export interface SqsRecord extends Record<string, unknown> {
  messageId: string;
  receiptHandle: string;
  body: string;
}

export function recordOf(message: QueueMessage, queueArn: string, region: string): SqsRecord {
  const md5OfMessageAttributes = md5OfAttributes(message.attributes);
  return {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: message.system,
    messageAttributes: Object.fromEntries(
      Object.entries(message.attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        {
          ...(StringValue === undefined ? {} : { stringValue: StringValue }),
          ...(BinaryValue === undefined ? {} : { binaryValue: BinaryValue }),
          stringListValues: [],
          binaryListValues: [],
          dataType: DataType,
        },
      ]),
    ),
    ...(md5OfMessageAttributes === undefined ? {} : { md5OfMessageAttributes }),
    md5OfBody: md5OfBody(message.body),
    eventSource: "aws:sqs",
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}
