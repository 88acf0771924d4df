import type { DescribeLogStreamsRequest, DescribeLogStreamsResponse } from "@aws-sdk/client-cloudwatch-logs";
import type { LogReader, LogStreamInfo } from "../../observability/contract.ts";
import type { CallContext } from "../../wire/contract.ts";
import { invalidParameter, noSuchGroup } from "./errors.ts";
import { groupNameOf, streamArn } from "./names.ts";
import { page } from "./tokens.ts";

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html */
export function describeLogStreams(logs: LogReader) {
  return async (input: DescribeLogStreamsRequest, { caller }: CallContext): Promise<DescribeLogStreamsResponse> => {
    const byTime = input.orderBy === "LastEventTime";
    if (byTime && input.logStreamNamePrefix !== undefined) {
      throw invalidParameter("Cannot order by LastEventTime with a logStreamNamePrefix.");
    }
    const group = groupNameOf(input, caller);
    const streams = await logs.streams(caller, group);
    if (streams === undefined) throw noSuchGroup();
    const keyOf = byTime ? keyByTime : keyByName;
    const sign = input.descending === true ? -1 : 1;
    const { items, nextToken } = page(
      streams
        .filter(({ name }) => name.startsWith(input.logStreamNamePrefix ?? ""))
        .sort((a, b) => sign * compare(keyOf(a), keyOf(b))),
      keyOf,
      (stream, key) => sign * compare(keyOf(stream), key) > 0,
      { nextToken: input.nextToken, limit: input.limit ?? 50 },
    );
    const logStreams = items.map(({ name, createdAt, lastEventAt }) => ({
      logStreamName: name,
      creationTime: createdAt,
      firstEventTimestamp: createdAt,
      lastEventTimestamp: lastEventAt,
      lastIngestionTime: lastEventAt,
      arn: streamArn(caller, group, name),
      // AWS stopped counting bytes of streams in 2019.
      storedBytes: 0,
    }));
    return nextToken === undefined ? { logStreams } : { logStreams, nextToken };
  };
}

function keyByName({ name }: LogStreamInfo): string {
  return name;
}

function keyByTime({ name, lastEventAt }: LogStreamInfo): string {
  return `${String(lastEventAt).padStart(16, "0")} ${name}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
