import { QueueAttributeName, type GetQueueAttributesRequest, type GetQueueAttributesResult } from "@aws-sdk/client-sqs";
import type { Queues } from "../../queues/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { ServiceError } from "../../base/errors.ts";
import { namedQueue } from "./queue-url.ts";

const known = new Set<string>(Object.values(QueueAttributeName));

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html */
export function getQueueAttributes(queues: Queues): Operation<GetQueueAttributesRequest, GetQueueAttributesResult> {
  return async (input, context) => {
    const { scope, name } = namedQueue(context, input.QueueUrl);
    const wanted: readonly string[] = input.AttributeNames ?? [];
    const unknown = wanted.find((attribute) => !known.has(attribute));
    if (unknown !== undefined) throw new ServiceError("InvalidAttributeName", `Unknown Attribute ${unknown}.`);
    const all = await queues.attributes(scope, name);
    if (wanted.length === 0) return {};
    const Attributes = Object.fromEntries(
      Object.entries(all).filter(([attribute]) => wanted.includes("All") || wanted.includes(attribute)),
    );
    return { Attributes };
  };
}
