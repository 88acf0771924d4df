import type { DescribeTrailsRequest, DescribeTrailsResponse } from "@aws-sdk/client-cloudtrail";
import type { Operation } from "../../wire/contract.ts";
import type { CloudTrailDependencies } from "./dependencies.ts";
import { placeOf, shapeOf, trailArn } from "./trail-names.ts";

/**
 * Names that nobody has are left out. Trails of every region are shown where their home is, and elsewhere as shadows.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html
 */
export function describeTrails({
  trails,
}: CloudTrailDependencies): Operation<DescribeTrailsRequest, DescribeTrailsResponse> {
  return async ({ trailNameList = [], includeShadowTrails = true }, { caller }) => {
    const asked = new Set(trailNameList.map((name) => trailArn(placeOf(name, caller))));
    const found = (await trails.list(caller.account)).filter((trail) => {
      if (asked.size > 0) return asked.has(trailArn(trail));
      return trail.region === caller.region || (includeShadowTrails && trail.multiRegion);
    });
    return { trailList: found.map(shapeOf) };
  };
}
