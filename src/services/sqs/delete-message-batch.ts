import type { DeleteMessageBatchRequest, DeleteMessageBatchResult } from "@aws-sdk/client-sqs";
import type { Queues } from "../../queues/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { eachEntry } from "./batch.ts";
import { namedQueue } from "./queue-url.ts";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessageBatch.html */
export function deleteMessageBatch(queues: Queues): Operation<DeleteMessageBatchRequest, DeleteMessageBatchResult> {
  return async (input, context) => {
    const { scope, name } = namedQueue(context, input.QueueUrl);
    await queues.get(scope, name);
    return eachEntry(input.Entries, async ({ ReceiptHandle = "" }) => {
      await queues.delete(scope, name, ReceiptHandle);
      return {};
    });
  };
}
