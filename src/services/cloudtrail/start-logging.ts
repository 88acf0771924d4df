import type { StartLoggingRequest, StartLoggingResponse } from "@aws-sdk/client-cloudtrail";
import type { Operation } from "../../wire/contract.ts";
import type { CloudTrailDependencies } from "./dependencies.ts";
import { changeTrail } from "./trail-names.ts";

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartLogging.html */
export function startLogging({
  trails,
  clock,
}: CloudTrailDependencies): Operation<StartLoggingRequest, StartLoggingResponse> {
  return async ({ Name = "" }, { caller }) => {
    await changeTrail(trails, Name, caller, (trail) =>
      trail.logging ? trail : { ...trail, logging: true, from: trails.next(), startedAt: clock() },
    );
    return {};
  };
}
