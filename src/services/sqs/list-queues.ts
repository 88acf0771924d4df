import type { ListQueuesRequest, ListQueuesResult } from "@aws-sdk/client-sqs";
import type { Queues } from "../../queues/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { pageOf, tokenOf } from "./paging.ts";
import { queueUrl, scopeOf } from "./queue-url.ts";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html */
export function listQueues(queues: Queues): Operation<ListQueuesRequest, ListQueuesResult> {
  return async (input, context) => {
    const { items, next } = await queues.list(scopeOf(context), input.QueueNamePrefix ?? "", pageOf(input));
    const QueueUrls = items.map(({ name }) => queueUrl(context, context.caller.account, name));
    return {
      ...(QueueUrls.length === 0 ? {} : { QueueUrls }),
      // Without MaxResults AWS gives the first thousand and no way to go on.
      ...(next === undefined || input.MaxResults === undefined ? {} : { NextToken: tokenOf(next) }),
    };
  };
}
