import type { SendMessageBatchRequest, SendMessageBatchResult } from "@aws-sdk/client-sqs";
import { ServiceError } from "../../base/errors.ts";
import type { Queues } from "../../queues/contract.ts";
import { sizeOf } from "../../queues/messages/check.ts";
import type { Operation } from "../../wire/contract.ts";
import { eachEntry } from "./batch.ts";
import { newMessage, sentChecksums } from "./message-shapes.ts";
import { namedQueue } from "./queue-url.ts";

const MAX_BYTES = 1_048_576;

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
export function sendMessageBatch(queues: Queues): Operation<SendMessageBatchRequest, SendMessageBatchResult> {
  return async (input, context) => {
    const { scope, name } = namedQueue(context, input.QueueUrl);
    await queues.get(scope, name);
    const bytes = (input.Entries ?? [])
      .map((entry) => (entry.MessageBody === undefined ? 0 : sizeOf(newMessage(entry, context))))
      .reduce((sum, size) => sum + size, 0);
    if (bytes > MAX_BYTES) {
      throw new ServiceError(
        "BatchRequestTooLong",
        `Batch requests cannot be longer than ${MAX_BYTES} bytes. You have sent ${bytes} bytes.`,
      );
    }
    return eachEntry(input.Entries, async (entry) => {
      const message = newMessage(entry, context);
      const { messageId, sequenceNumber } = await queues.send(scope, name, message);
      return {
        ...sentChecksums(message),
        MessageId: messageId,
        ...(sequenceNumber === undefined ? {} : { SequenceNumber: sequenceNumber }),
      };
    });
  };
}
