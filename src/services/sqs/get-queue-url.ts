import type { GetQueueUrlRequest, GetQueueUrlResult } from "@aws-sdk/client-sqs";
import type { Queues } from "../../queues/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { missingParameter, queueDoesNotExist } from "../../queues/errors.ts";
import { queueUrl, scopeOf } from "./queue-url.ts";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueUrl.html */
export function getQueueUrl(queues: Queues): Operation<GetQueueUrlRequest, GetQueueUrlResult> {
  return async (input, context) => {
    const { QueueName: name, QueueOwnerAWSAccountId: owner } = input;
    if (name === undefined) throw missingParameter("QueueName");
    if (owner !== undefined && owner !== context.caller.account) throw queueDoesNotExist();
    const queue = await queues.get(scopeOf(context), name);
    return { QueueUrl: queueUrl(context, context.caller.account, queue.name) };
  };
}
