import type { SetQueueAttributesRequest } from "@aws-sdk/client-sqs";
import type { Queues } from "../../queues/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { ownQueue } from "./queue-url.ts";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
export function setQueueAttributes(queues: Queues): Operation<SetQueueAttributesRequest, void> {
  return async (input, context) => {
    const { scope, name } = ownQueue(context, input.QueueUrl);
    await queues.setAttributes(scope, name, input.Attributes ?? {});
  };
}
