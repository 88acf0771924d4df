/** Reading events of a group: segment by segment, so that a reader holds little and gives way in between. */
import type { LogEvent, LogQuery } from "../contract.ts";
import { eventsOf, type Block, type BlockView } from "./block.ts";
import { readBlocks, type Segment } from "./segment.ts";

export async function queryEvents(
  segments: readonly Segment[],
  query: LogQuery,
): Promise<{ events: LogEvent[]; next?: string }> {
  const position = query.after === undefined ? undefined : Number(query.after);
  const found: LogEvent[] = [];
  let bytes = 0;
  for (const segment of inOrder(reachable(segments, position, query), query.backwards)) {
    for (const view of inOrder(await readBlocks(segment), query.backwards)) {
      if (!mayHold(view, position, query)) continue;
      const block = view.open();
      if (!hasStream(block, query)) continue;
      for (const event of inOrder(eventsOf(block), query.backwards)) {
        if (!isWanted(event, position, query)) continue;
        const last = found.at(-1);
        const size = Buffer.byteLength(event.message);
        const full = found.length >= query.limit || bytes + size > (query.maxBytes ?? Infinity);
        if (last !== undefined && full) return { events: found, next: last.id };
        found.push(event);
        bytes += size;
      }
    }
  }
  return { events: found };
}

function inOrder<T>(items: readonly T[], backwards: boolean | undefined): readonly T[] {
  return backwards === true ? items.toReversed() : items;
}

/** Segments that may hold something: by the ids that their names tell, and by time where it is known. */
function reachable(segments: readonly Segment[], position: number | undefined, query: LogQuery): Segment[] {
  return segments.filter((segment, index) => {
    if (query.start !== undefined && segment.latest !== undefined && segment.latest < query.start) return false;
    if (position === undefined) return true;
    const behind = segments[index + 1]?.first ?? Infinity;
    return query.backwards === true ? segment.first < position : behind > position + 1;
  });
}

function mayHold(view: BlockView, position: number | undefined, query: LogQuery): boolean {
  if (query.start !== undefined && view.latest < query.start) return false;
  if (query.end !== undefined && view.earliest >= query.end) return false;
  if (position === undefined) return true;
  return query.backwards === true ? view.firstId < position : view.firstId + view.count - 1 > position;
}

function hasStream(block: Block, query: LogQuery): boolean {
  return block.streams.some(({ name }) => isStreamWanted(name, query));
}

function isStreamWanted(name: string, { streams, streamPrefix }: LogQuery): boolean {
  if (streams !== undefined && !streams.includes(name)) return false;
  return streamPrefix === undefined || name.startsWith(streamPrefix);
}

function isWanted(event: LogEvent, position: number | undefined, query: LogQuery): boolean {
  if (position !== undefined) {
    const id = Number(event.id);
    if (query.backwards === true ? id >= position : id <= position) return false;
  }
  if (query.start !== undefined && event.timestamp < query.start) return false;
  if (query.end !== undefined && event.timestamp >= query.end) return false;
  return isStreamWanted(event.stream, query);
}
