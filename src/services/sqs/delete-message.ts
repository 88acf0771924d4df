import type { DeleteMessageRequest } from "@aws-sdk/client-sqs";
import type { Queues } from "../../queues/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { missingParameter } from "../../queues/errors.ts";
import { namedQueue } from "./queue-url.ts";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html */
export function deleteMessage(queues: Queues): Operation<DeleteMessageRequest, void> {
  return async (input, context) => {
    const { scope, name } = namedQueue(context, input.QueueUrl);
    if (input.ReceiptHandle === undefined) throw missingParameter("ReceiptHandle");
    await queues.delete(scope, name, input.ReceiptHandle);
  };
}
