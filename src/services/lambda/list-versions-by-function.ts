import type { ListVersionsByFunctionRequest, ListVersionsByFunctionResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { listOptions, toMarker } from "./markers.ts";
import { namedWholeFunction } from "./names.ts";
import { listed } from "./shapes.ts";
import { shown } from "./variables.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_ListVersionsByFunction.html */
export function listVersionsByFunction({
  functions,
  variables,
}: LambdaDependencies): Operation<ListVersionsByFunctionRequest, ListVersionsByFunctionResponse> {
  return async (input, context) => {
    const { scope, name } = namedWholeFunction(context, input.FunctionName);
    const page = await functions.listVersions(scope, name, listOptions(input));
    return {
      Versions: await Promise.all(
        page.items.map(async (view) =>
          listed(scope, await shown(variables, context, scope, view), view.version.version),
        ),
      ),
      ...(page.next === undefined ? {} : { NextMarker: toMarker(page.next) }),
    };
  };
}
