import type {
  ListProvisionedConcurrencyConfigsRequest,
  ListProvisionedConcurrencyConfigsResponse,
} from "@aws-sdk/client-lambda";
import { functionArn } from "../../base/arn.ts";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { listOptions, toMarker } from "./markers.ts";
import { namedWholeFunction } from "./names.ts";
import { provisionedConfig } from "./provisioned-shapes.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_ListProvisionedConcurrencyConfigs.html */
export function listProvisionedConcurrencyConfigs({
  functions,
}: LambdaDependencies): Operation<ListProvisionedConcurrencyConfigsRequest, ListProvisionedConcurrencyConfigsResponse> {
  return async (input, context) => {
    const { scope, name } = namedWholeFunction(context, input.FunctionName);
    const page = await functions.concurrency.listProvisioned(scope, name, listOptions(input));
    return {
      ProvisionedConcurrencyConfigs: page.items.map((view) => ({
        FunctionArn: functionArn(scope, name, view.qualifier),
        ...provisionedConfig(view),
      })),
      ...(page.next === undefined ? {} : { NextMarker: toMarker(page.next) }),
    };
  };
}
