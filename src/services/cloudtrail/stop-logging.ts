import type { StopLoggingRequest, StopLoggingResponse } from "@aws-sdk/client-cloudtrail";
import type { Operation } from "../../wire/contract.ts";
import type { CloudTrailDependencies } from "./dependencies.ts";
import { changeTrail } from "./trail-names.ts";

/** What was recorded until then is delivered. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StopLogging.html */
export function stopLogging({
  trails,
  clock,
}: CloudTrailDependencies): Operation<StopLoggingRequest, StopLoggingResponse> {
  return async ({ Name = "" }, { caller }) => {
    await changeTrail(trails, Name, caller, (trail) =>
      trail.logging ? { ...trail, logging: false, stoppedAt: clock() } : trail,
    );
    return {};
  };
}
