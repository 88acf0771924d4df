import { newId } from "../../base/ids.ts";
import { parseFunctionReference } from "../../base/arn.ts";
import { ServiceError } from "../../base/errors.ts";
import type { Deliver, EventQueue } from "../contract.ts";

/** Another function, called asynchronously with the invocation record. */
export function lambdaDestination(events: () => Pick<EventQueue, "accept">): Deliver {
  return async ({ target, scope, body, traceId }) => {
    const reference = parseFunctionReference(target);
    if (reference === undefined) {
      throw new ServiceError("InvalidParameterValueException", `${target} is no function's ARN.`, { status: 400 });
    }
    await events().accept({
      scope,
      functionName: reference.name,
      ...(reference.qualifier === undefined ? {} : { qualifier: reference.qualifier }),
      requestId: newId(),
      payload: Buffer.from(body),
      ...(traceId === undefined ? {} : { traceId }),
    });
  };
}
