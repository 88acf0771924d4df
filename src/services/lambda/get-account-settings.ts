import type { GetAccountSettingsRequest, GetAccountSettingsResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html */
export function getAccountSettings({
  functions,
}: LambdaDependencies): Operation<GetAccountSettingsRequest, GetAccountSettingsResponse> {
  return async (_input, { caller }) => {
    const limits = functions.limits(caller);
    const use = functions.usage(caller);
    return {
      AccountLimit: {
        TotalCodeSize: limits.totalCodeSize,
        CodeSizeUnzipped: limits.codeSizeUnzipped,
        CodeSizeZipped: limits.codeSizeZipped,
        ConcurrentExecutions: limits.concurrentExecutions,
        UnreservedConcurrentExecutions: functions.concurrency.unreserved(caller),
      },
      AccountUsage: { TotalCodeSize: use.totalCodeSize, FunctionCount: use.functionCount },
    };
  };
}
