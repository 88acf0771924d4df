import type { StartMessageMoveTaskRequest, StartMessageMoveTaskResult } from "@aws-sdk/client-sqs";
import type { Queues } from "../../queues/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { invalidValue, missingParameter } from "../../queues/errors.ts";
import { scopeOf } from "./queue-url.ts";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html */
export function startMessageMoveTask(
  queues: Queues,
): Operation<StartMessageMoveTaskRequest, StartMessageMoveTaskResult> {
  return async (input, context) => {
    const { SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond: rate } = input;
    if (SourceArn === undefined) throw missingParameter("SourceArn");
    if (rate !== undefined && !(rate >= 1 && rate <= 500)) {
      throw invalidValue("MaxNumberOfMessagesPerSecond", rate, "Must be between 1 and 500.");
    }
    const TaskHandle = await queues.startMoveTask(scopeOf(context), {
      sourceArn: SourceArn,
      ...(DestinationArn === undefined ? {} : { destinationArn: DestinationArn }),
      ...(rate === undefined ? {} : { rate }),
    });
    return { TaskHandle };
  };
}
