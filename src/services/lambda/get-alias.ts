import type { AliasConfiguration, GetAliasRequest } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import { aliasConfiguration } from "./alias-shape.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedWholeFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetAlias.html */
export function getAlias({ functions }: LambdaDependencies): Operation<GetAliasRequest, AliasConfiguration> {
  return async (input, context) => {
    const { scope, name } = namedWholeFunction(context, input.FunctionName);
    return aliasConfiguration(scope, name, await functions.aliases.get(scope, name, input.Name ?? ""));
  };
}
