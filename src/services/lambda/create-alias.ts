import type { AliasConfiguration, CreateAliasRequest } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import { aliasConfiguration } from "./alias-shape.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedWholeFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html */
export function createAlias({ functions }: LambdaDependencies): Operation<CreateAliasRequest, AliasConfiguration> {
  return async (input, context) => {
    const { scope, name } = namedWholeFunction(context, input.FunctionName);
    return aliasConfiguration(scope, name, await functions.aliases.create(scope, name, input));
  };
}
