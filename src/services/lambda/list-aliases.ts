import type { ListAliasesRequest, ListAliasesResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import { aliasConfiguration } from "./alias-shape.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { listOptions, toMarker } from "./markers.ts";
import { namedWholeFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_ListAliases.html */
export function listAliases({ functions }: LambdaDependencies): Operation<ListAliasesRequest, ListAliasesResponse> {
  return async (input, context) => {
    const { scope, name } = namedWholeFunction(context, input.FunctionName);
    const page = await functions.aliases.list(scope, name, {
      ...listOptions(input),
      ...(input.FunctionVersion === undefined ? {} : { version: input.FunctionVersion }),
    });
    return {
      Aliases: page.items.map((alias) => aliasConfiguration(scope, name, alias)),
      ...(page.next === undefined ? {} : { NextMarker: toMarker(page.next) }),
    };
  };
}
