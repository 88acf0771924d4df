import type { ListMessageMoveTasksRequest, ListMessageMoveTasksResult } from "@aws-sdk/client-sqs";
import type { Queues } from "../../queues/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { invalidValue, missingParameter } from "../../queues/errors.ts";
import { scopeOf } from "./queue-url.ts";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListMessageMoveTasks.html */
export function listMessageMoveTasks(
  queues: Queues,
): Operation<ListMessageMoveTasksRequest, ListMessageMoveTasksResult> {
  return async (input, context) => {
    const { SourceArn, MaxResults: limit = 1 } = input;
    if (SourceArn === undefined) throw missingParameter("SourceArn");
    if (!(limit >= 1 && limit <= 10)) throw invalidValue("MaxResults", limit, "Must be between 1 and 10.");
    const tasks = await queues.moveTasks(scopeOf(context), SourceArn);
    return {
      Results: tasks.slice(0, limit).map((task) => ({
        // AWS shows the handle of a task that can be cancelled.
        ...(task.status === "RUNNING"
          ? {
              TaskHandle: Buffer.from(JSON.stringify({ taskId: task.handle, sourceArn: SourceArn })).toString("base64"),
            }
          : {}),
        Status: task.status,
        SourceArn: task.sourceArn,
        ...(task.destinationArn === undefined ? {} : { DestinationArn: task.destinationArn }),
        ...(task.rate === undefined ? {} : { MaxNumberOfMessagesPerSecond: task.rate }),
        ApproximateNumberOfMessagesMoved: task.moved,
        ApproximateNumberOfMessagesToMove: task.toMove,
        ...(task.failure === undefined ? {} : { FailureReason: task.failure }),
        StartedTimestamp: task.startedAt,
      })),
    };
  };
}
