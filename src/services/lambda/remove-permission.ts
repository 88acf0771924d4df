import type { RemovePermissionRequest } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_RemovePermission.html */
export function removePermission({ functions }: LambdaDependencies): Operation<RemovePermissionRequest, object> {
  return async (input, context) => {
    const owner = namedFunction(context, input.FunctionName, input.Qualifier);
    await functions.policies.remove(owner, input.StatementId ?? "", input.RevisionId);
    return {};
  };
}
