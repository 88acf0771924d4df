import type { DeleteProvisionedConcurrencyConfigRequest } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedQualified } from "./provisioned-shapes.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_DeleteProvisionedConcurrencyConfig.html */
export function deleteProvisionedConcurrencyConfig({
  functions,
}: LambdaDependencies): Operation<DeleteProvisionedConcurrencyConfigRequest, object> {
  return async (input, context) => {
    const { scope, name, qualifier } = namedQualified(context, input);
    await functions.concurrency.removeProvisioned(scope, name, qualifier);
    return {};
  };
}
