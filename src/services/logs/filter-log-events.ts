import type { FilterLogEventsRequest, FilterLogEventsResponse } from "@aws-sdk/client-cloudwatch-logs";
import type { LogEvent, LogQuery, LogReader } from "../../observability/contract.ts";
import type { CallContext } from "../../wire/contract.ts";
import { invalidParameter, noSuchGroup, noSuchStream } from "./errors.ts";
import { compileFilter } from "./filter-pattern.ts";
import { MAX_EVENTS, MAX_RESPONSE_BYTES, MAX_SCAN_BYTES } from "./limits.ts";
import { groupNameOf } from "./names.ts";
import { eventToken, readEventToken } from "./tokens.ts";

/**
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
 * A page can be empty and yet have a token: there is more to search. No token means that the search is finished.
 */
export function filterLogEvents(logs: LogReader) {
  return async (input: FilterLogEventsRequest, context: CallContext): Promise<FilterLogEventsResponse> => {
    const matches = compileFilter(input.filterPattern);
    const query = await queryOf(logs, input, context);
    const found = await search(logs, context, query, matches, input.limit ?? MAX_EVENTS);
    const events = found.events.map(({ stream, timestamp, message, ingestionTime, id }) => ({
      logStreamName: stream,
      timestamp,
      message,
      ingestionTime,
      eventId: id,
    }));
    if (found.next === undefined) return { events, searchedLogStreams: [] };
    const direction = query.backwards === true ? "backward" : "forward";
    return { events, searchedLogStreams: [], nextToken: eventToken({ direction, id: found.next }) };
  };
}

async function queryOf(
  logs: LogReader,
  input: FilterLogEventsRequest,
  { caller }: CallContext,
): Promise<Omit<LogQuery, "limit">> {
  const { logStreamNames: streams, logStreamNamePrefix: streamPrefix } = input;
  if (streams !== undefined && streamPrefix !== undefined) {
    throw invalidParameter("LogStream names and LogStream name prefix are mutually exclusive parameters.");
  }
  const group = groupNameOf(input, caller);
  if (streams !== undefined) {
    const known = await logs.streams(caller, group);
    if (known === undefined) throw noSuchGroup();
    const names = new Set(known.map(({ name }) => name));
    if (!streams.every((name) => names.has(name))) throw noSuchStream();
  }
  const from = input.nextToken === undefined ? undefined : readEventToken(input.nextToken);
  return {
    group,
    backwards: from === undefined ? input.startFromHead === false : from.direction === "backward",
    ...(streams === undefined ? {} : { streams }),
    ...(streamPrefix === undefined ? {} : { streamPrefix }),
    ...(input.startTime === undefined ? {} : { start: input.startTime }),
    // Here, unlike in GetLogEvents, the end is part of the range.
    ...(input.endTime === undefined ? {} : { end: input.endTime + 1 }),
    ...(from === undefined ? {} : { after: from.id }),
  };
}

/** Pages through the group until `limit` matches, a full answer, the end, or enough work for one request. */
async function search(
  logs: LogReader,
  { caller, signal }: CallContext,
  query: Omit<LogQuery, "limit">,
  matches: (message: string) => boolean,
  limit: number,
): Promise<{ events: LogEvent[]; next?: string }> {
  const events: LogEvent[] = [];
  let bytes = 0;
  let scanned = 0;
  let after = query.after;
  for (;;) {
    const page = await logs.events(caller, {
      ...query,
      limit: MAX_EVENTS,
      maxBytes: MAX_RESPONSE_BYTES,
      ...(after === undefined ? {} : { after }),
    });
    if (page === undefined) throw noSuchGroup();
    for (const event of page.events) {
      const size = Buffer.byteLength(event.message);
      scanned += size;
      if (matches(event.message)) {
        if (events.length > 0 && bytes + size > MAX_RESPONSE_BYTES) return { events, next: after ?? event.id };
        events.push(event);
        bytes += size;
        if (events.length === limit) return { events, next: event.id };
      }
      after = event.id;
    }
    if (page.next === undefined) return { events };
    if (scanned > MAX_SCAN_BYTES || signal.aborted) return { events, next: page.next };
  }
}
