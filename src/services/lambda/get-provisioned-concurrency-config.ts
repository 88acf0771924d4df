import type {
  GetProvisionedConcurrencyConfigRequest,
  GetProvisionedConcurrencyConfigResponse,
} from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedQualified, provisionedConfig } from "./provisioned-shapes.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetProvisionedConcurrencyConfig.html */
export function getProvisionedConcurrencyConfig({
  functions,
}: LambdaDependencies): Operation<GetProvisionedConcurrencyConfigRequest, GetProvisionedConcurrencyConfigResponse> {
  return async (input, context) => {
    const { scope, name, qualifier } = namedQualified(context, input);
    return provisionedConfig(await functions.concurrency.getProvisioned(scope, name, qualifier));
  };
}
