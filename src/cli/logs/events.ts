/** Reading a log group through the CloudWatch Logs API, as `aws logs tail` does. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  FilterLogEventsCommand,
  type CloudWatchLogsClient,
  type FilteredLogEvent,
  type FilterLogEventsCommandInput,
} from "@aws-sdk/client-cloudwatch-logs";

export interface Event {
  id: string;
  /** ms since the epoch. */
  timestamp: number;
  stream: string;
  message: string;
}

const POLL_MS = 500;
/** Events may come in this much later than their timestamps say. */
const LATE_MS = 10_000;

export interface Range {
  group: string;
  start: number | undefined;
  /** Only the last ones. */
  lines: number | undefined;
}

/** In order; undefined when the group does not exist. */
export async function readEvents(client: CloudWatchLogsClient, range: Range): Promise<Event[] | undefined> {
  const { group, start, lines } = range;
  const query = { logGroupName: group, ...(start === undefined ? {} : { startTime: start }) };
  if (lines === undefined) return readPages(client, query, Infinity);
  return (await readPages(client, { ...query, startFromHead: false }, lines))?.reverse();
}

/** Calls `show` for what comes in after `last`, or from `start` on. Never resolves. */
export async function followEvents(
  client: CloudWatchLogsClient,
  { group, last, start }: { group: string; last: Event | undefined; start: number },
  show: (event: Event) => void,
): Promise<never> {
  // Ids order the events by arrival: whatever has a higher one has not been shown, whenever it says that it happened.
  let lastId = last?.id ?? "";
  let newest = Math.max(last?.timestamp ?? 0, start);
  for (;;) {
    const startTime = Math.max(last === undefined ? start : 0, newest - LATE_MS);
    const query = { logGroupName: group, startTime };
    for (const event of (await readPages(client, query, Infinity)) ?? []) {
      newest = Math.max(newest, event.timestamp);
      if (event.id <= lastId) continue;
      lastId = event.id;
      show(event);
    }
    await sleep(POLL_MS);
  }
}

async function readPages(
  client: CloudWatchLogsClient,
  query: FilterLogEventsCommandInput,
  most: number,
): Promise<Event[] | undefined> {
  const events: Event[] = [];
  let nextToken: string | undefined;
  do {
    const limit = Math.min(10_000, most - events.length);
    try {
      const page = await client.send(new FilterLogEventsCommand({ ...query, limit, nextToken }));
      events.push(...(page.events ?? []).map(toEvent));
      nextToken = page.nextToken;
    } catch (thrown) {
      if (thrown instanceof Error && thrown.name === "ResourceNotFoundException") return undefined;
      throw thrown;
    }
  } while (nextToken !== undefined && events.length < most);
  return events;
}

function toEvent({ eventId, timestamp, logStreamName, message }: FilteredLogEvent): Event {
  return { id: eventId ?? "", timestamp: timestamp ?? 0, stream: logStreamName ?? "", message: message ?? "" };
}
