import type { ListLayersRequest, ListLayersResponse } from "@aws-sdk/client-lambda";
import { layerArn } from "../../base/arn.ts";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { layerVersionItem } from "./layer-shapes.ts";
import { layerQuery, toMarker } from "./markers.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_ListLayers.html */
export function listLayers({ functions }: LambdaDependencies): Operation<ListLayersRequest, ListLayersResponse> {
  return async (input, context) => {
    const owner = { account: context.caller.account, region: context.caller.region };
    const page = await functions.layers.list(owner, layerQuery(input));
    return {
      Layers: page.items.map((version) => ({
        LayerName: version.name,
        LayerArn: layerArn(owner, version.name),
        LatestMatchingVersion: layerVersionItem(owner, version),
      })),
      ...(page.next === undefined ? {} : { NextMarker: toMarker(page.next) }),
    };
  };
}
