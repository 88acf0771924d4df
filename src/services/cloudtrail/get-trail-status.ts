import type { GetTrailStatusRequest, GetTrailStatusResponse } from "@aws-sdk/client-cloudtrail";
import type { Operation } from "../../wire/contract.ts";
import type { CloudTrailDependencies } from "./dependencies.ts";
import { findTrail } from "./trail-names.ts";

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html */
export function getTrailStatus({
  trails,
}: CloudTrailDependencies): Operation<GetTrailStatusRequest, GetTrailStatusResponse> {
  return async ({ Name = "" }, { caller }) => {
    const trail = await findTrail(trails, Name, caller);
    const { deliveredAt, attemptedAt, error, digestedAt } = trails.status(trail);
    return {
      IsLogging: trail.logging,
      LatestDeliveryError: error,
      LatestDeliveryTime: timeOf(deliveredAt),
      StartLoggingTime: timeOf(trail.startedAt),
      StopLoggingTime: timeOf(trail.stoppedAt),
      LatestDigestDeliveryTime: timeOf(digestedAt),
      LatestDeliveryAttemptTime: textOf(attemptedAt),
      LatestDeliveryAttemptSucceeded: textOf(deliveredAt),
      TimeLoggingStarted: textOf(trail.startedAt),
      TimeLoggingStopped: textOf(trail.stoppedAt),
    };
  };
}

function timeOf(ms: number | undefined): Date | undefined {
  return ms === undefined ? undefined : new Date(ms);
}

function textOf(ms: number | undefined): string {
  return ms === undefined ? "" : new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
}
