import type { CancelMessageMoveTaskRequest, CancelMessageMoveTaskResult } from "@aws-sdk/client-sqs";
import type { Queues } from "../../queues/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { missingParameter } from "../../queues/errors.ts";
import { scopeOf } from "./queue-url.ts";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CancelMessageMoveTask.html */
export function cancelMessageMoveTask(
  queues: Queues,
): Operation<CancelMessageMoveTaskRequest, CancelMessageMoveTaskResult> {
  return async (input, context) => {
    if (input.TaskHandle === undefined) throw missingParameter("TaskHandle");
    return { ApproximateNumberOfMessagesMoved: await queues.cancelMoveTask(scopeOf(context), input.TaskHandle) };
  };
}
