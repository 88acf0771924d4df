import type { DeleteLayerVersionRequest } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedOwnLayer } from "./layer-names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_DeleteLayerVersion.html */
export function deleteLayerVersion({ functions }: LambdaDependencies): Operation<DeleteLayerVersionRequest, object> {
  return async (input, context) => {
    const { owner, name } = namedOwnLayer(context, input.LayerName);
    await functions.layers.remove(owner, name, input.VersionNumber ?? 0);
    return {};
  };
}
