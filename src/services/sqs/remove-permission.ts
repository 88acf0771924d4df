import type { RemovePermissionRequest } from "@aws-sdk/client-sqs";
import type { Queues } from "../../queues/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { removeStatement } from "./policy.ts";
import { ownQueue } from "./queue-url.ts";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_RemovePermission.html */
export function removePermission(queues: Queues): Operation<RemovePermissionRequest, void> {
  return async (input, context) => {
    const { scope, name } = ownQueue(context, input.QueueUrl);
    const { attributes } = await queues.get(scope, name);
    await queues.setAttributes(scope, name, { Policy: removeStatement(attributes["Policy"], input.Label) });
  };
}
