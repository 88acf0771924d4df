import type { UpdateTrailRequest, UpdateTrailResponse } from "@aws-sdk/client-cloudtrail";
import type { Operation } from "../../wire/contract.ts";
import type { CloudTrailDependencies } from "./dependencies.ts";
import { changeTrail, shapeOf } from "./trail-names.ts";
import { checkSettings } from "./trail-settings.ts";

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html */
export function updateTrail({ trails }: CloudTrailDependencies): Operation<UpdateTrailRequest, UpdateTrailResponse> {
  return async (input, { caller }) => {
    checkSettings(input);
    const changed = await changeTrail(trails, input.Name ?? "", caller, (trail) => ({
      ...trail,
      bucket: input.S3BucketName ?? trail.bucket,
      prefix: input.S3KeyPrefix?.replace(/\/$/, "") ?? trail.prefix,
      multiRegion: input.IsMultiRegionTrail ?? trail.multiRegion,
      globalEvents: input.IncludeGlobalServiceEvents ?? trail.globalEvents,
      validated: input.EnableLogFileValidation ?? trail.validated,
    }));
    return shapeOf(changed);
  };
}
