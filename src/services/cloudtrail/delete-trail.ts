import type { DeleteTrailRequest, DeleteTrailResponse } from "@aws-sdk/client-cloudtrail";
import type { Operation } from "../../wire/contract.ts";
import type { CloudTrailDependencies } from "./dependencies.ts";
import { findTrail } from "./trail-names.ts";

/** Its files stay. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteTrail.html */
export function deleteTrail({ trails }: CloudTrailDependencies): Operation<DeleteTrailRequest, DeleteTrailResponse> {
  return async ({ Name = "" }, { caller }) => {
    await trails.remove(await findTrail(trails, Name, caller));
    return {};
  };
}
