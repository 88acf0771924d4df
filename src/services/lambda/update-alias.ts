import type { AliasConfiguration, UpdateAliasRequest } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import { aliasConfiguration } from "./alias-shape.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedWholeFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_UpdateAlias.html */
export function updateAlias({ functions }: LambdaDependencies): Operation<UpdateAliasRequest, AliasConfiguration> {
  return async (input, context) => {
    const { scope, name } = namedWholeFunction(context, input.FunctionName);
    return aliasConfiguration(scope, name, await functions.aliases.update(scope, name, input));
  };
}
