import type { InvocationRequest, InvocationResponse } from "@aws-sdk/client-lambda";
import { ServiceError } from "../../base/errors.ts";
import { invalidParameter } from "../../functions/index.ts";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { checkedClientContext, checkedPayload } from "./invoke-input.ts";
import { namedFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export function invoke({ functions, invoker }: LambdaDependencies): Operation<InvocationRequest, InvocationResponse> {
  return async (input, context) => {
    const { scope, name, qualifier } = namedFunction(context, input.FunctionName, input.Qualifier);
    refuseUnsupported(input);
    const clientContext = checkedClientContext(input.ClientContext);
    const payload = checkedPayload(input.Payload);
    if (input.InvocationType === "DryRun") {
      await functions.directory.resolve(scope, name, qualifier);
      return { StatusCode: 204 };
    }
    const answer = await invoker.invoke({
      scope,
      functionName: name,
      requestId: context.requestId,
      payload,
      tail: input.LogType === "Tail",
      ...(qualifier === undefined ? {} : { qualifier }),
      ...(context.traceId === undefined ? {} : { traceId: context.traceId }),
      ...(clientContext === undefined ? {} : { clientContext }),
    });
    return {
      StatusCode: 200,
      Payload: answer.payload,
      ExecutedVersion: answer.executedVersion,
      ...(answer.functionError === undefined ? {} : { FunctionError: answer.functionError }),
      ...(answer.logTail === undefined ? {} : { LogResult: Buffer.from(answer.logTail).toString("base64") }),
    };
  };
}

function refuseUnsupported(input: InvocationRequest): void {
  if (input.InvocationType === "Event") {
    throw new ServiceError(
      "NotImplementedException",
      "Asynchronous invocation (InvocationType Event) is not supported by Kiln yet. Use InvocationType RequestResponse.",
      { status: 501 },
    );
  }
  if (input.DurableExecutionName !== undefined) {
    throw invalidParameter("DurableExecutionName is not supported by Kiln yet: there is no durable execution.");
  }
  if (input.TenantId !== undefined) {
    throw invalidParameter("TenantId is not supported by Kiln yet: there is no isolation by tenant.");
  }
}
