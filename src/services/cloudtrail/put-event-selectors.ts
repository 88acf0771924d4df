import type { PutEventSelectorsRequest, PutEventSelectorsResponse } from "@aws-sdk/client-cloudtrail";
import type { Operation } from "../../wire/contract.ts";
import type { CloudTrailDependencies } from "./dependencies.ts";
import { unsupported } from "./errors.ts";
import { readSelectors, selectorShape } from "./event-selectors.ts";
import { changeTrail, trailArn } from "./trail-names.ts";

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html */
export function putEventSelectors({
  trails,
}: CloudTrailDependencies): Operation<PutEventSelectorsRequest, PutEventSelectorsResponse> {
  return async ({ TrailName = "", EventSelectors = [], AdvancedEventSelectors = [] }, { caller }) => {
    if (AdvancedEventSelectors.length > 0) throw unsupported("advanced event selectors");
    const selectors = readSelectors(EventSelectors, trails.recordsDataEvents);
    const trail = await changeTrail(trails, TrailName, caller, (found) => ({ ...found, selectors }));
    return { TrailARN: trailArn(trail), EventSelectors: selectors.map(selectorShape) };
  };
}
