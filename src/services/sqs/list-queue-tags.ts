import type { ListQueueTagsRequest, ListQueueTagsResult } from "@aws-sdk/client-sqs";
import type { Queues } from "../../queues/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { ownQueue } from "./queue-url.ts";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueueTags.html */
export function listQueueTags(queues: Queues): Operation<ListQueueTagsRequest, ListQueueTagsResult> {
  return async (input, context) => {
    const { scope, name } = ownQueue(context, input.QueueUrl);
    const { tags } = await queues.get(scope, name);
    return Object.keys(tags).length === 0 ? {} : { Tags: tags };
  };
}
