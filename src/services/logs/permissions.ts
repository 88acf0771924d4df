/**
 * What each operation of CloudWatch Logs needs. A log group is its ARN with the streams that are meant, as AWS's messages
 * show it. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
 */
import { partitionOf } from "../../base/arn.ts";
import type { PermissionsOf, PermissionTable } from "../../security/contract.ts";

function onGroup(action: string): PermissionsOf {
  return (input, { caller: { account, region } }) => {
    const {
      logGroupName,
      logGroupIdentifier,
      logStreamName = "",
    } = input as Readonly<Record<string, string | undefined>>;
    const group = (logGroupName ?? logGroupIdentifier ?? "")
      .replace(/^arn:[^:]*:logs:[^:]*:\d*:log-group:/, "")
      .replace(/:\*$/, "");
    const stream = action === "GetLogEvents" ? logStreamName : "";
    const resource = `arn:${partitionOf(region)}:logs:${region}:${account}:log-group:${group}:log-stream:${stream}`;
    return [{ action: `logs:${action}`, resource }];
  };
}

export const logsPermissions: PermissionTable = {
  DeleteLogGroup: onGroup("DeleteLogGroup"),
  DescribeLogGroups: onGroup("DescribeLogGroups"),
  DescribeLogStreams: onGroup("DescribeLogStreams"),
  FilterLogEvents: onGroup("FilterLogEvents"),
  GetLogEvents: onGroup("GetLogEvents"),
};
