import type { InvokeAsyncRequest, InvokeAsyncResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { checkedPayload } from "./invoke-input.ts";
import { namedFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_InvokeAsync.html: the older way to Invoke with the type Event. */
export function invokeAsync({ events }: LambdaDependencies): Operation<InvokeAsyncRequest, InvokeAsyncResponse> {
  return async (input, context) => {
    const { scope, name, qualifier } = namedFunction(context, input.FunctionName);
    await events.accept({
      scope,
      functionName: name,
      requestId: context.requestId,
      payload: checkedPayload(input.InvokeArgs as Uint8Array | undefined),
      ...(qualifier === undefined ? {} : { qualifier }),
      traceId: context.traceId,
    });
    return { Status: 202 };
  };
}
