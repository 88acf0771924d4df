import type {
  InvokeWithResponseStreamCompleteEvent,
  InvokeWithResponseStreamRequest,
  InvokeWithResponseStreamResponse,
  InvokeWithResponseStreamResponseEvent,
} from "@aws-sdk/client-lambda";
import type { InvokeAnswer, StreamedAnswer } from "../../invoke/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { checkedClientContext, checkedPayload, cognitoIdentityOf } from "./invoke-input.ts";
import { namedFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html */
export function invokeWithResponseStream({
  functions,
  invoker,
}: LambdaDependencies): Operation<InvokeWithResponseStreamRequest, InvokeWithResponseStreamResponse> {
  return async (input, context) => {
    const { scope, name, qualifier } = namedFunction(context, input.FunctionName, input.Qualifier);
    const clientContext = checkedClientContext(input.ClientContext);
    const payload = checkedPayload(input.Payload);
    if (input.InvocationType === "DryRun") {
      await functions.directory.resolve(scope, name, qualifier);
      return { StatusCode: 204 };
    }
    context.answerHeaders["x-amzn-trace-id"] = context.traceId;
    const answer = await invoker.invokeStream({
      scope,
      functionName: name,
      requestId: context.requestId,
      payload,
      tail: input.LogType === "Tail",
      ...(qualifier === undefined ? {} : { qualifier }),
      traceId: context.traceId,
      ...(clientContext === undefined ? {} : { clientContext }),
      ...(input.TenantId === undefined ? {} : { tenantId: input.TenantId }),
      ...cognitoIdentityOf(context.caller),
    });
    const { signal } = context;
    if (signal.aborted) answer.discard();
    else signal.addEventListener("abort", answer.discard, { once: true });
    return {
      StatusCode: 200,
      ExecutedVersion: answer.executedVersion,
      ResponseStreamContentType: "application/vnd.amazon.eventstream",
      EventStream: eventsOf(answer),
    };
  };
}

async function* eventsOf(answer: StreamedAnswer): AsyncGenerator<InvokeWithResponseStreamResponseEvent> {
  for await (const Payload of answer.body) yield { PayloadChunk: { Payload } };
  yield { InvokeComplete: completion(await answer.completed) };
}

/**
 * AWS's front end calls an error of the function `Unhandled`, and what ended a stream early by the type of that error
 * (`Runtime.TruncatedResponse`, as clients have recorded it). An error before the first byte is told of in the same way:
 * the status is 200 then too.
 */
function completion(result: InvokeAnswer): InvokeWithResponseStreamCompleteEvent {
  const { functionError, streamed, payload, logTail } = result;
  return {
    ...(functionError === undefined
      ? {}
      : { ErrorCode: streamed?.cut ?? functionError, ErrorDetails: Buffer.from(payload).toString("utf8") }),
    ...(logTail === undefined ? {} : { LogResult: Buffer.from(logTail).toString("base64") }),
  };
}
