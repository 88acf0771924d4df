import type {
  ListFunctionEventInvokeConfigsRequest,
  ListFunctionEventInvokeConfigsResponse,
} from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { eventInvokeConfig } from "./event-invoke-shape.ts";
import { listOptions, toMarker } from "./markers.ts";
import { namedWholeFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctionEventInvokeConfigs.html */
export function listFunctionEventInvokeConfigs({
  functions,
}: LambdaDependencies): Operation<ListFunctionEventInvokeConfigsRequest, ListFunctionEventInvokeConfigsResponse> {
  return async (input, context) => {
    const named = namedWholeFunction(context, input.FunctionName);
    const { items, next } = await functions.eventInvoke.list(named.scope, named.name, listOptions(input));
    return {
      FunctionEventInvokeConfigs: items.map((item) => eventInvokeConfig(named, item)),
      ...(next === undefined ? {} : { NextMarker: toMarker(next) }),
    };
  };
}
