import type { GetQueueUrlRequest, GetQueueUrlResult } from "@aws-sdk/client-sqs";
import type { Queues } from "../../queues/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { missingParameter } from "../../queues/errors.ts";
import { queueUrl, scopeOf } from "./queue-url.ts";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueUrl.html */
export function getQueueUrl(queues: Queues): Operation<GetQueueUrlRequest, GetQueueUrlResult> {
  return async (input, context) => {
    const { QueueName: name, QueueOwnerAWSAccountId: account = context.caller.account } = input;
    if (name === undefined) throw missingParameter("QueueName");
    const queue = await queues.get({ ...scopeOf(context), account }, name);
    return { QueueUrl: queueUrl(context, account, queue.name) };
  };
}
