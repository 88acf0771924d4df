import type { GetTrailRequest, GetTrailResponse } from "@aws-sdk/client-cloudtrail";
import type { Operation } from "../../wire/contract.ts";
import type { CloudTrailDependencies } from "./dependencies.ts";
import { findTrail, shapeOf } from "./trail-names.ts";

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrail.html */
export function getTrail({ trails }: CloudTrailDependencies): Operation<GetTrailRequest, GetTrailResponse> {
  return async ({ Name = "" }, { caller }) => ({ Trail: shapeOf(await findTrail(trails, Name, caller)) });
}
