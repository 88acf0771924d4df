import type { CreateQueueRequest, CreateQueueResult } from "@aws-sdk/client-sqs";
import type { Queues } from "../../queues/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { missingParameter } from "../../queues/errors.ts";
import { queueUrl, scopeOf } from "./queue-url.ts";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html */
export function createQueue(queues: Queues): Operation<CreateQueueRequest, CreateQueueResult> {
  return async (input, context) => {
    const { QueueName: name } = input;
    if (name === undefined) throw missingParameter("QueueName");
    const queue = await queues.create(scopeOf(context), name, input.Attributes ?? {}, input.tags ?? {});
    return { QueueUrl: queueUrl(context, context.caller.account, queue.name) };
  };
}
