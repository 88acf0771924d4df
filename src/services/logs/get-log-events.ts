import type { GetLogEventsRequest, GetLogEventsResponse } from "@aws-sdk/client-cloudwatch-logs";
import type { LogEvent, LogReader } from "../../observability/contract.ts";
import type { CallContext } from "../../wire/contract.ts";
import { noSuchGroup, noSuchStream } from "./errors.ts";
import { MAX_EVENTS, MAX_RESPONSE_BYTES } from "./limits.ts";
import { groupNameOf } from "./names.ts";
import { eventToken, neighbour, readEventToken, type Position } from "./tokens.ts";

const BEFORE_ALL = "0".repeat(56);

/**
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
 * A page is always in the order of time. Both tokens are always there; at an end it is the one that was passed in.
 */
export function getLogEvents(logs: LogReader) {
  return async (input: GetLogEventsRequest, { caller }: CallContext): Promise<GetLogEventsResponse> => {
    const group = groupNameOf(input, caller);
    const stream = input.logStreamName ?? "";
    const from = input.nextToken === undefined ? undefined : readEventToken(input.nextToken);
    const backwards = from === undefined ? input.startFromHead !== true : from.direction === "backward";
    const found = await logs.events(caller, {
      group,
      streams: [stream],
      limit: input.limit ?? MAX_EVENTS,
      maxBytes: MAX_RESPONSE_BYTES,
      backwards,
      ...(input.startTime === undefined ? {} : { start: input.startTime }),
      ...(input.endTime === undefined ? {} : { end: input.endTime }),
      ...(from === undefined ? {} : { after: from.id }),
    });
    if (found === undefined) throw noSuchGroup();
    if (found.events.length === 0) await mustExist(logs, caller, group, stream);
    const events = backwards ? found.events.toReversed() : found.events;
    return {
      events: events.map(({ timestamp, message, ingestionTime }) => ({ timestamp, message, ingestionTime })),
      nextForwardToken: eventToken({ direction: "forward", id: forwardFrom(events, from) }),
      nextBackwardToken: eventToken({ direction: "backward", id: backwardFrom(events, from) }),
    };
  };
}

async function mustExist(logs: LogReader, scope: CallContext["caller"], group: string, stream: string): Promise<void> {
  const streams = (await logs.streams(scope, group)) ?? [];
  if (!streams.some(({ name }) => name === stream)) throw noSuchStream();
}

/** Tokens say "behind this id"; where the direction turns, the id itself has to be seen again. */
function forwardFrom(events: readonly LogEvent[], from: Position | undefined): string {
  const last = events.at(-1);
  if (last !== undefined) return last.id;
  if (from === undefined) return BEFORE_ALL;
  return from.direction === "forward" ? from.id : neighbour(from.id, from.id === BEFORE_ALL ? 0 : -1);
}

function backwardFrom(events: readonly LogEvent[], from: Position | undefined): string {
  const first = events[0];
  if (first !== undefined) return first.id;
  if (from === undefined) return BEFORE_ALL;
  return from.direction === "backward" ? from.id : neighbour(from.id, 1);
}
