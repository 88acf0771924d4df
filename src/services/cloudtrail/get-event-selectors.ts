import type { GetEventSelectorsRequest, GetEventSelectorsResponse } from "@aws-sdk/client-cloudtrail";
import type { Operation } from "../../wire/contract.ts";
import type { CloudTrailDependencies } from "./dependencies.ts";
import { selectorShape } from "./event-selectors.ts";
import { findTrail, trailArn } from "./trail-names.ts";

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html */
export function getEventSelectors({
  trails,
}: CloudTrailDependencies): Operation<GetEventSelectorsRequest, GetEventSelectorsResponse> {
  return async ({ TrailName = "" }, { caller }) => {
    const trail = await findTrail(trails, TrailName, caller);
    return { TrailARN: trailArn(trail), EventSelectors: trail.selectors.map(selectorShape) };
  };
}
