/** Settings of asynchronous calls as the API names and shows them. */
import type { FunctionEventInvokeConfig } from "@aws-sdk/client-lambda";
import { functionArn } from "../../base/arn.ts";
import type { EventInvokeDocument, EventInvokeTarget } from "../../functions/index.ts";
import type { CallContext } from "../../wire/contract.ts";
import { namedFunction, type NamedFunction } from "./names.ts";

/** Without a qualifier: that of `$LATEST`. */
export function eventInvokeTarget(
  context: CallContext,
  input: { FunctionName: string | undefined; Qualifier?: string | undefined },
): EventInvokeTarget {
  const { scope, name, qualifier = "$LATEST" } = namedFunction(context, input.FunctionName, input.Qualifier);
  return { scope, name, qualifier };
}

export function eventInvokeConfig(
  { scope, name }: Pick<NamedFunction, "scope" | "name">,
  config: EventInvokeDocument,
): FunctionEventInvokeConfig {
  return {
    FunctionArn: functionArn(scope, name, config.qualifier),
    LastModified: new Date(config.lastModified),
    ...(config.maximumRetryAttempts === undefined ? {} : { MaximumRetryAttempts: config.maximumRetryAttempts }),
    ...(config.maximumEventAge === undefined ? {} : { MaximumEventAgeInSeconds: config.maximumEventAge }),
    DestinationConfig: {
      OnSuccess: config.onSuccess === undefined ? {} : { Destination: config.onSuccess },
      OnFailure: config.onFailure === undefined ? {} : { Destination: config.onFailure },
    },
  };
}
