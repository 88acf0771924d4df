import type { ListFunctionsRequest, ListFunctionsResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { listOptions, toMarker } from "./markers.ts";
import { listed } from "./shapes.ts";

/**
 * https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html
 * `MasterRegion` selects replicas of Lambda@Edge functions, of which there are none: AWS ignores it elsewhere too.
 */
export function listFunctions({
  functions,
}: LambdaDependencies): Operation<ListFunctionsRequest, ListFunctionsResponse> {
  return async (input, context) => {
    const allVersions = input.FunctionVersion === "ALL";
    const page = await functions.list(context.caller, { ...listOptions(input), allVersions });
    return {
      Functions: page.items.map((view) => listed(context.caller, view, allVersions ? view.version.version : undefined)),
      ...(page.next === undefined ? {} : { NextMarker: toMarker(page.next) }),
    };
  };
}
