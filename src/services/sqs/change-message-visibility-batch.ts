import type { ChangeMessageVisibilityBatchRequest, ChangeMessageVisibilityBatchResult } from "@aws-sdk/client-sqs";
import type { Queues } from "../../queues/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { eachEntry } from "./batch.ts";
import { namedQueue } from "./queue-url.ts";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibilityBatch.html */
export function changeMessageVisibilityBatch(
  queues: Queues,
): Operation<ChangeMessageVisibilityBatchRequest, ChangeMessageVisibilityBatchResult> {
  return async (input, context) => {
    const { scope, name } = namedQueue(context, input.QueueUrl);
    await queues.get(scope, name);
    return eachEntry(input.Entries, async ({ ReceiptHandle = "", VisibilityTimeout = 0 }) => {
      await queues.changeVisibility(scope, name, ReceiptHandle, VisibilityTimeout);
      return {};
    });
  };
}
