import type { ListLayerVersionsRequest, ListLayerVersionsResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedOwnLayer } from "./layer-names.ts";
import { layerVersionItem } from "./layer-shapes.ts";
import { layerQuery, toMarker } from "./markers.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_ListLayerVersions.html */
export function listLayerVersions({
  functions,
}: LambdaDependencies): Operation<ListLayerVersionsRequest, ListLayerVersionsResponse> {
  return async (input, context) => {
    const { owner, name } = namedOwnLayer(context, input.LayerName);
    const page = await functions.layers.listVersions(owner, name, layerQuery(input));
    return {
      LayerVersions: page.items.map((version) => layerVersionItem(owner, version)),
      ...(page.next === undefined ? {} : { NextMarker: toMarker(page.next) }),
    };
  };
}
