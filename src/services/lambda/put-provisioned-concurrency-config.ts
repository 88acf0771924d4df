import type {
  PutProvisionedConcurrencyConfigRequest,
  PutProvisionedConcurrencyConfigResponse,
} from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedQualified, provisionedConfig } from "./provisioned-shapes.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_PutProvisionedConcurrencyConfig.html */
export function putProvisionedConcurrencyConfig({
  functions,
}: LambdaDependencies): Operation<PutProvisionedConcurrencyConfigRequest, PutProvisionedConcurrencyConfigResponse> {
  return async (input, context) => {
    const { scope, name, qualifier } = namedQualified(context, input);
    const requested = input.ProvisionedConcurrentExecutions ?? 1;
    return provisionedConfig(await functions.concurrency.putProvisioned(scope, name, qualifier, requested));
  };
}
