import type { GetLayerVersionRequest, GetLayerVersionResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedLayer } from "./layer-names.ts";
import { layerVersion } from "./layer-shapes.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersion.html */
export function getLayerVersion({
  functions,
  download,
}: LambdaDependencies): Operation<GetLayerVersionRequest, GetLayerVersionResponse> {
  return async (input, context) => {
    const { owner, name } = namedLayer(context, input.LayerName);
    const version = await functions.layers.get(context.caller.account, owner, name, input.VersionNumber ?? 0);
    return layerVersion(owner, version, context, download);
  };
}
