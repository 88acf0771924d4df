/** Queues of a server that speaks SQS, through the official client. */
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SQSClient,
  type Message,
  type MessageAttributeValue,
} from "@aws-sdk/client-sqs";
import { createClients, type EndpointOptions } from "../../base/aws-clients.ts";
import { KilnError } from "../../base/errors.ts";
import type { AttributeValue, QueueMessage } from "../../queues/contract.ts";
import type { QueueService, SourceQueue } from "./contract.ts";

export interface RemoteQueues extends QueueService {
  close: () => void;
}

/** AWS's pollers begin with five: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
const RECEIVERS = 5;
/** Messages of one DeleteMessageBatch. */
const DELETED_AT_ONCE = 10;

export function remoteQueues(options: EndpointOptions): RemoteQueues {
  // What a server calls its queues may be good only where that server is: the endpoint is what is known to be good.
  const clients = createClients(options, (settings) => new SQSClient({ ...settings, useQueueUrlAsEndpoint: false }));
  return {
    async open(arn) {
      const [, , , , QueueOwnerAWSAccountId, QueueName] = arn.split(":");
      const client = clients.of(arn);
      const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName, QueueOwnerAWSAccountId }));
      return openQueue(client, QueueUrl ?? "");
    },
    close: clients.close,
  };
}

function openQueue(client: SQSClient, QueueUrl: string): SourceQueue {
  return {
    async receive({ max, waitSeconds, signal }) {
      const command = new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: max,
        WaitTimeSeconds: Math.ceil(waitSeconds),
        MessageSystemAttributeNames: ["All"],
        // Servers that are not AWS's may know the older name only.
        AttributeNames: ["All"],
        MessageAttributeNames: ["All"],
      });
      try {
        const { Messages = [] } = await client.send(command, { abortSignal: signal });
        return Messages.map(shapeOf);
      } catch (error) {
        if (signal.aborted) return [];
        throw error;
      }
    },
    async delete(receiptHandles) {
      for (let from = 0; from < receiptHandles.length; from += DELETED_AT_ONCE) {
        const Entries = receiptHandles
          .slice(from, from + DELETED_AT_ONCE)
          .map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
        const { Failed = [] } = await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
        const [first] = Failed;
        if (first === undefined) continue;
        throw new KilnError("MESSAGES_NOT_DELETED", `${Failed.length} messages of ${QueueUrl} could not be deleted.`, {
          hint: `They come again. The server says ${first.Code}: ${first.Message ?? ""}`,
        });
      }
    },
    async visibilitySeconds() {
      const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["VisibilityTimeout"] });
      return Number((await client.send(command)).Attributes?.["VisibilityTimeout"]);
    },
    receivers: RECEIVERS,
  };
}

function shapeOf(message: Message): QueueMessage {
  return {
    messageId: message.MessageId ?? "",
    receiptHandle: message.ReceiptHandle ?? "",
    body: message.Body ?? "",
    attributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, attributeOf(value)]),
    ),
    system: { ...message.Attributes },
  };
}

function attributeOf({ DataType = "String", StringValue, BinaryValue }: MessageAttributeValue): AttributeValue {
  return {
    DataType,
    ...(StringValue === undefined ? {} : { StringValue }),
    ...(BinaryValue === undefined ? {} : { BinaryValue: Buffer.from(BinaryValue).toString("base64") }),
  };
}
