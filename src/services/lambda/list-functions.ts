import type { ListFunctionsRequest, ListFunctionsResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { listOptions, toMarker } from "./markers.ts";
import { listed } from "./shapes.ts";
import { shown } from "./variables.ts";

/**
 * https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html
 * `MasterRegion` selects replicas of Lambda@Edge functions, of which there are none: AWS ignores it elsewhere too.
 */
export function listFunctions({
  functions,
  variables,
}: LambdaDependencies): Operation<ListFunctionsRequest, ListFunctionsResponse> {
  return async (input, context) => {
    const allVersions = input.FunctionVersion === "ALL";
    const page = await functions.list(context.caller, { ...listOptions(input), allVersions });
    return {
      Functions: await Promise.all(
        page.items.map(async (view) => {
          const { caller } = context;
          const qualifier = allVersions ? view.version.version : undefined;
          return listed(caller, await shown(variables, context, caller, view), qualifier);
        }),
      ),
      ...(page.next === undefined ? {} : { NextMarker: toMarker(page.next) }),
    };
  };
}
