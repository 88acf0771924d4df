import type { ListCodeSigningConfigsRequest, ListCodeSigningConfigsResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import { codeSigningConfig } from "./code-signing-shape.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { listOptions, toMarker } from "./markers.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_ListCodeSigningConfigs.html */
export function listCodeSigningConfigs({
  functions,
}: LambdaDependencies): Operation<ListCodeSigningConfigsRequest, ListCodeSigningConfigsResponse> {
  return async (input, { caller }) => {
    const { items, next } = await functions.codeSigning.list(caller, listOptions(input));
    return {
      CodeSigningConfigs: items.map((item) => codeSigningConfig(caller, item)),
      ...(next === undefined ? {} : { NextMarker: toMarker(next) }),
    };
  };
}
