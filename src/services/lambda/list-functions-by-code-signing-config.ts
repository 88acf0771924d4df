import type {
  ListFunctionsByCodeSigningConfigRequest,
  ListFunctionsByCodeSigningConfigResponse,
} from "@aws-sdk/client-lambda";
import { functionArn } from "../../base/arn.ts";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { listOptions, toMarker } from "./markers.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctionsByCodeSigningConfig.html */
export function listFunctionsByCodeSigningConfig({
  functions,
}: LambdaDependencies): Operation<ListFunctionsByCodeSigningConfigRequest, ListFunctionsByCodeSigningConfigResponse> {
  return async (input, { caller }) => {
    const arn = input.CodeSigningConfigArn ?? "";
    const { items, next } = await functions.codeSigning.functions(caller, arn, listOptions(input));
    return {
      FunctionArns: items.map((name) => functionArn(caller, name)),
      ...(next === undefined ? {} : { NextMarker: toMarker(next) }),
    };
  };
}
