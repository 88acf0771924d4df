import type { AddPermissionRequest } from "@aws-sdk/client-sqs";
import type { Queues } from "../../queues/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { addStatement } from "./policy.ts";
import { ownQueue } from "./queue-url.ts";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html */
export function addPermission(queues: Queues): Operation<AddPermissionRequest, void> {
  return async (input, context) => {
    const { scope, name } = ownQueue(context, input.QueueUrl);
    const { attributes } = await queues.get(scope, name);
    await queues.setAttributes(scope, name, { Policy: addStatement(scope, name, attributes["Policy"], input) });
  };
}
