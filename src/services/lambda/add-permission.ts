import type { AddPermissionRequest, AddPermissionResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html */
export function addPermission({
  functions,
}: LambdaDependencies): Operation<AddPermissionRequest, AddPermissionResponse> {
  return async (input, context) => {
    const owner = namedFunction(context, input.FunctionName, input.Qualifier);
    return { Statement: await functions.policies.add(owner, input) };
  };
}
