import type { ListFunctionUrlConfigsRequest, ListFunctionUrlConfigsResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { shownUrl } from "./function-urls.ts";
import { listOptions, toMarker } from "./markers.ts";
import { namedFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctionUrlConfigs.html */
export function listFunctionUrlConfigs({
  functions,
}: LambdaDependencies): Operation<ListFunctionUrlConfigsRequest, ListFunctionUrlConfigsResponse> {
  return async (input, context) => {
    const { scope, name } = namedFunction(context, input.FunctionName);
    const page = await functions.urls.list(scope, name, listOptions(input));
    return {
      FunctionUrlConfigs: page.items.map((url) => shownUrl(context, scope, url)),
      ...(page.next === undefined ? {} : { NextMarker: toMarker(page.next) }),
    };
  };
}
