import type { TagQueueRequest } from "@aws-sdk/client-sqs";
import type { Queues } from "../../queues/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { ownQueue } from "./queue-url.ts";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_TagQueue.html */
export function tagQueue(queues: Queues): Operation<TagQueueRequest, void> {
  return async (input, context) => {
    const { scope, name } = ownQueue(context, input.QueueUrl);
    await queues.tag(scope, name, input.Tags ?? {});
  };
}
