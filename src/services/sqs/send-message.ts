import type { SendMessageRequest, SendMessageResult } from "@aws-sdk/client-sqs";
import type { Queues } from "../../queues/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { newMessage, sentChecksums } from "./message-shapes.ts";
import { namedQueue } from "./queue-url.ts";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
export function sendMessage(queues: Queues): Operation<SendMessageRequest, SendMessageResult> {
  return async (input, context) => {
    const { scope, name } = namedQueue(context, input.QueueUrl);
    const message = newMessage(input, context);
    const { messageId, sequenceNumber } = await queues.send(scope, name, message);
    return {
      ...sentChecksums(message),
      MessageId: messageId,
      ...(sequenceNumber === undefined ? {} : { SequenceNumber: sequenceNumber }),
    };
  };
}
