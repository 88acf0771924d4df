import type { InvocationRequest, InvocationResponse } from "@aws-sdk/client-lambda";
import { forSending, free } from "../../base/memory.ts";
import { invalidParameter } from "../../functions/index.ts";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { checkedClientContext, checkedPayload, cognitoIdentityOf } from "./invoke-input.ts";
import { namedFunction } from "./names.ts";

/** Targets of requests that are for this operation. */
export const INVOKE_TARGET = /^\/2015-03-31\/functions\/[^/?]+\/invocations(?:\?|$)/;

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export function invoke({
  functions,
  invoker,
  events,
}: LambdaDependencies): Operation<InvocationRequest, InvocationResponse> {
  return async (input, context) => {
    const { scope, name, qualifier } = namedFunction(context, input.FunctionName, input.Qualifier);
    refuseUnsupported(input);
    const clientContext = checkedClientContext(input.ClientContext);
    const payload = checkedPayload(input.Payload);
    if (input.InvocationType === "DryRun") {
      await functions.directory.resolve(scope, name, qualifier);
      return { StatusCode: 204 };
    }
    context.answerHeaders["x-amzn-trace-id"] = context.traceId;
    const request = {
      scope,
      functionName: name,
      requestId: context.requestId,
      payload,
      ...(qualifier === undefined ? {} : { qualifier }),
      traceId: context.traceId,
      ...(clientContext === undefined ? {} : { clientContext }),
      ...(input.TenantId === undefined ? {} : { tenantId: input.TenantId }),
    };
    if (input.InvocationType === "Event") {
      await events.accept(request);
      return { StatusCode: 202 };
    }
    const answer = await invoker.invoke({
      ...request,
      ...cognitoIdentityOf(context.caller),
      tail: input.LogType === "Tail",
    });
    // The environment has got it, and nobody looks at it again.
    free(payload);
    return {
      StatusCode: 200,
      // Errors may be kept for further calls.
      Payload: answer.functionError === undefined ? forSending(answer.payload) : answer.payload,
      ExecutedVersion: answer.executedVersion,
      ...(answer.functionError === undefined ? {} : { FunctionError: answer.functionError }),
      ...(answer.logTail === undefined ? {} : { LogResult: Buffer.from(answer.logTail).toString("base64") }),
    };
  };
}

function refuseUnsupported(input: InvocationRequest): void {
  if (input.DurableExecutionName !== undefined) {
    throw invalidParameter("DurableExecutionName is not supported by Kiln yet: there is no durable execution.");
  }
}
