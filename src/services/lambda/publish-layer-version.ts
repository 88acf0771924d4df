import type { PublishLayerVersionRequest, PublishLayerVersionResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedOwnLayer } from "./layer-names.ts";
import { layerVersion } from "./layer-shapes.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html */
export function publishLayerVersion({
  functions,
  download,
}: LambdaDependencies): Operation<PublishLayerVersionRequest, PublishLayerVersionResponse> {
  return async (input, context) => {
    const { owner, name } = namedOwnLayer(context, input.LayerName);
    return layerVersion(owner, await functions.layers.publish(owner, name, input), context, download);
  };
}
