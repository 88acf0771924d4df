import type { DeleteLogGroupRequest } from "@aws-sdk/client-cloudwatch-logs";
import type { LogReader } from "../../observability/contract.ts";
import type { CallContext } from "../../wire/contract.ts";
import { noSuchGroup } from "./errors.ts";

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html */
export function deleteLogGroup(logs: LogReader) {
  return async ({ logGroupName }: DeleteLogGroupRequest, { caller }: CallContext): Promise<Record<string, never>> => {
    if (!(await logs.deleteGroup(caller, logGroupName ?? ""))) throw noSuchGroup();
    return {};
  };
}
