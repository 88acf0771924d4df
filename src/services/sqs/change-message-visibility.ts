import type { ChangeMessageVisibilityRequest } from "@aws-sdk/client-sqs";
import type { Queues } from "../../queues/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { missingParameter } from "../../queues/errors.ts";
import { namedQueue } from "./queue-url.ts";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html */
export function changeMessageVisibility(queues: Queues): Operation<ChangeMessageVisibilityRequest, void> {
  return async (input, context) => {
    const { scope, name } = namedQueue(context, input.QueueUrl);
    const { ReceiptHandle: handle, VisibilityTimeout: seconds } = input;
    if (handle === undefined) throw missingParameter("ReceiptHandle");
    if (seconds === undefined) throw missingParameter("VisibilityTimeout");
    await queues.changeVisibility(scope, name, handle, seconds);
  };
}
