import type { DeleteAliasRequest } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedWholeFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_DeleteAlias.html */
export function deleteAlias({ functions }: LambdaDependencies): Operation<DeleteAliasRequest, object> {
  return async (input, context) => {
    const { scope, name } = namedWholeFunction(context, input.FunctionName);
    await functions.aliases.remove(scope, name, input.Name ?? "");
    return {};
  };
}
