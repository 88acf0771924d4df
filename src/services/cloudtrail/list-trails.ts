import type { ListTrailsRequest, ListTrailsResponse } from "@aws-sdk/client-cloudtrail";
import type { Operation } from "../../wire/contract.ts";
import type { CloudTrailDependencies } from "./dependencies.ts";
import { trailArn } from "./trail-names.ts";

/** All on one page: there are few. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTrails.html */
export function listTrails({ trails }: CloudTrailDependencies): Operation<ListTrailsRequest, ListTrailsResponse> {
  return async (_input, { caller }) => {
    const found = await trails.list(caller.account);
    return {
      Trails: found.map((trail) => ({ Name: trail.name, TrailARN: trailArn(trail), HomeRegion: trail.region })),
    };
  };
}
