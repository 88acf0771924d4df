import { hash } from "node:crypto";
import type { Event, LookupEventsRequest, LookupEventsResponse } from "@aws-sdk/client-cloudtrail";
import type { NumberedRecord } from "../../security/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import type { CloudTrailDependencies } from "./dependencies.ts";
import { invalid } from "./errors.ts";
import { matcherOf, userNameOf } from "./lookup-attributes.ts";

/** CloudTrail's page, and its most. */
const PAGE = 50;

/**
 * Management events of the caller's account and region, the newest first.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 */
export function lookupEvents({ log }: CloudTrailDependencies): Operation<LookupEventsRequest, LookupEventsResponse> {
  return async (input, { caller }) => {
    const { StartTime, EndTime, MaxResults = PAGE, NextToken, EventCategory } = input;
    const start = StartTime?.getTime() ?? Number.NEGATIVE_INFINITY;
    const end = EndTime?.getTime() ?? Number.POSITIVE_INFINITY;
    if (start > end) {
      throw invalid("InvalidTimeRangeException", "The start time must not be after the end time.");
    }
    const matches = matcherOf(input.LookupAttributes ?? []);
    const question = questionOf(input, caller.account, caller.region);
    const before = NextToken === undefined ? log.next() : readToken(NextToken, question);
    // There are no insights.
    if (EventCategory === "insight") return { Events: [] };
    const Events: Event[] = [];
    let last = before;
    for await (const found of log.backwards(before, (json) => matches.may(json))) {
      const { record } = found;
      if (!record.managementEvent || record.recipientAccountId !== caller.account) continue;
      if (record.awsRegion !== caller.region || !matches.is(record)) continue;
      const time = Date.parse(record.eventTime);
      if (time < start || time > end) continue;
      if (Events.length === MaxResults) return { Events, NextToken: writeToken(last, question) };
      Events.push(eventOf(found));
      last = found.sequence;
    }
    return { Events };
  };
}

function eventOf({ record, json }: NumberedRecord): Event {
  const { eventID, eventName, readOnly, eventTime, eventSource, userIdentity, resources = [] } = record;
  const { accessKeyId } = userIdentity;
  return {
    EventId: eventID,
    EventName: eventName,
    ReadOnly: String(readOnly),
    AccessKeyId: typeof accessKeyId === "string" ? accessKeyId : undefined,
    EventTime: new Date(eventTime),
    EventSource: eventSource,
    Username: userNameOf(record),
    Resources: resources.map(({ type, ARN }) => ({ ResourceType: String(type), ResourceName: String(ARN) })),
    CloudTrailEvent: json,
  };
}

/** A token goes on with the question that it was given to. */
function questionOf(input: LookupEventsRequest, account: string, region: string): string {
  const { LookupAttributes = [], StartTime, EndTime } = input;
  const question = [account, region, StartTime?.getTime(), EndTime?.getTime(), LookupAttributes];
  return hash("sha256", JSON.stringify(question), "base64url").slice(0, 16);
}

function writeToken(sequence: number, question: string): string {
  return Buffer.from(`${sequence}.${question}`).toString("base64url");
}

function readToken(token: string, question: string): number {
  const [, sequence = "", asked = ""] = /^(\d{1,15})\.([\w-]{16})$/.exec(decode(token)) ?? [];
  if (asked === question) return Number(sequence);
  throw invalid("InvalidNextTokenException", "The token is not one of this request: it needs the same parameters.");
}

function decode(token: string): string {
  return token.length > 100 ? "" : Buffer.from(token, "base64url").toString("latin1");
}
