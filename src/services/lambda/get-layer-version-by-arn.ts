import type { GetLayerVersionByArnRequest, GetLayerVersionResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedLayer } from "./layer-names.ts";
import { layerVersion } from "./layer-shapes.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersionByArn.html */
export function getLayerVersionByArn({
  functions,
  download,
}: LambdaDependencies): Operation<GetLayerVersionByArnRequest, GetLayerVersionResponse> {
  return async (input, context) => {
    const { owner, name, version = 0 } = namedLayer(context, input.Arn);
    const found = await functions.layers.get(context.caller.account, owner, name, version);
    return layerVersion(owner, found, context, download);
  };
}
