import type { DescribeLogGroupsRequest, DescribeLogGroupsResponse } from "@aws-sdk/client-cloudwatch-logs";
import type { LogReader } from "../../observability/contract.ts";
import type { CallContext } from "../../wire/contract.ts";
import { invalidParameter } from "./errors.ts";
import { groupArn, groupNameOf } from "./names.ts";
import { page } from "./tokens.ts";

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html */
export function describeLogGroups(logs: LogReader) {
  return async (input: DescribeLogGroupsRequest, { caller }: CallContext): Promise<DescribeLogGroupsResponse> => {
    const { logGroupNamePrefix: prefix, logGroupNamePattern: part, logGroupIdentifiers: identifiers } = input;
    if (prefix !== undefined && part !== undefined) {
      throw invalidParameter("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
    }
    const named = identifiers?.map((identifier) => groupNameOf({ logGroupIdentifier: identifier }, caller));
    const found = (await logs.groups(caller, prefix ?? ""))
      .filter(({ name }) => part === undefined || name.includes(part))
      .filter(({ name }) => named === undefined || named.includes(name))
      // Function logs are all of the standard class.
      .filter(() => input.logGroupClass === undefined || input.logGroupClass === "STANDARD");
    const { items, nextToken } = page(
      found,
      ({ name }) => name,
      ({ name }, key) => name > key,
      { nextToken: input.nextToken, limit: input.limit ?? 50 },
    );
    const logGroups = items.map(({ name, createdAt, storedBytes }) => ({
      logGroupName: name,
      creationTime: createdAt,
      metricFilterCount: 0,
      arn: `${groupArn(caller, name)}:*`,
      storedBytes,
      logGroupClass: "STANDARD" as const,
      logGroupArn: groupArn(caller, name),
    }));
    return nextToken === undefined ? { logGroups } : { logGroups, nextToken };
  };
}
