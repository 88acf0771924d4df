import type { ListDeadLetterSourceQueuesRequest, ListDeadLetterSourceQueuesResult } from "@aws-sdk/client-sqs";
import type { Queues } from "../../queues/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { pageOf, tokenOf } from "./paging.ts";
import { namedQueue, queueUrl } from "./queue-url.ts";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListDeadLetterSourceQueues.html */
export function listDeadLetterSourceQueues(
  queues: Queues,
): Operation<ListDeadLetterSourceQueuesRequest, ListDeadLetterSourceQueuesResult> {
  return async (input, context) => {
    const { scope, name } = namedQueue(context, input.QueueUrl);
    const { items, next } = await queues.deadLetterSources(scope, name, pageOf(input));
    return {
      queueUrls: items.map((each) => queueUrl(context, scope.account, each)),
      ...(next === undefined || input.MaxResults === undefined ? {} : { NextToken: tokenOf(next) }),
    };
  };
}
