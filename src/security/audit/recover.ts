/** Finds where a log goes on: after a clean end, after a kill in the middle of a line, and after somebody has been at it. */
import { open } from "node:fs/promises";
import { BEGINNING, isGenuine } from "./chain.ts";
import { readHead, type Head } from "./head.ts";
import { headPath, listSegments, readSegment, type Segment } from "./segments.ts";

export interface Recovered extends Head {
  readonly segments: readonly Segment[];
  /** The file to append to, and where; absent where a new one has to be begun. */
  readonly open?: { readonly segment: Segment; readonly bytes: number };
  /** What is not as it was left; the log goes on behind it. */
  readonly damage: readonly string[];
}

/**
 * `isNew`: the key has just been made, so that there should be no log. `witness`: the second copy of the head, outside of the
 * state directory.
 */
export async function recover(dir: string, key: Buffer, isNew: boolean, witness?: string): Promise<Recovered> {
  const head = await readHead(headPath(dir), key);
  const seen = witness === undefined ? undefined : await readHead(witness, key);
  const segments = await listSegments(dir);
  const damage: string[] = [];
  // A file that was begun when Kiln was killed; it is begun again.
  const youngest = segments.at(-1);
  if (youngest !== undefined && (await readSegment(youngest.path)).header === undefined) {
    if (typeof head === "object" && head.next === youngest.first) segments.pop();
  }
  const lastSegment = segments.at(-1);
  if (head === "broken") damage.push("the head of the log was changed");
  if (head === undefined && (segments.length > 0 || !isNew)) damage.push("the head of the log is gone");
  if (seen === "broken") damage.push(`the copy of the head in ${witness} was changed`);
  const known = latest(head, seen);
  if (lastSegment === undefined) {
    const next = known?.next ?? 1;
    const last = known?.last ?? BEGINNING;
    if (known !== undefined && known.next > known.oldest) damage.push("all files of the log are gone");
    return { oldest: known?.oldest ?? 1, before: known?.before ?? BEGINNING, next, last, segments, damage };
  }
  const end = await endOf(lastSegment, key);
  const oldest = known ?? (await beginningOf(segments[0] ?? lastSegment));
  if (known !== undefined && (end.next < known.next || (end.next === known.next && end.last !== known.last))) {
    const back = typeof head === "object" && end.next >= head.next && end.next < known.next;
    damage.push(
      `records before ${known.next} are gone or changed${back ? ": an earlier state of it was put back" : ""}`,
    );
    return { ...known, segments, damage };
  }
  // What comes after the last good line belongs to nobody who was answered: the head would tell of it.
  if (end.bytes < end.size) await cut(lastSegment.path, end.bytes);
  const { next, last } = end;
  const at = { segment: lastSegment, bytes: end.bytes };
  return { oldest: oldest.oldest, before: oldest.before, next, last, segments, open: at, damage };
}

/** What is the furthest. Where the log begins only its own head knows: the witness may be of before the oldest went. */
function latest(head: Head | "broken" | undefined, seen: Head | "broken" | undefined): Head | undefined {
  const own = head === "broken" ? undefined : head;
  if (seen === "broken" || seen === undefined || (own !== undefined && own.next >= seen.next)) return own;
  return own === undefined ? seen : { ...own, next: seen.next, last: seen.last };
}

async function beginningOf({ first, path }: Segment): Promise<Pick<Head, "oldest" | "before">> {
  const { header } = await readSegment(path);
  return { oldest: first, before: header?.previous ?? BEGINNING };
}

async function endOf(segment: Segment, key: Buffer) {
  const { header, lines } = await readSegment(segment.path);
  let next = segment.first;
  let last = header?.previous ?? "";
  let bytes = lines[0]?.start ?? (header === undefined ? 0 : await sizeOf(segment.path));
  for (const { link, end } of lines) {
    if (link === undefined || link.sequence !== next || link.previous !== last || !isGenuine(key, link)) break;
    next += 1;
    last = link.mac;
    bytes = end;
  }
  return { next, last, bytes, size: lines.at(-1)?.end ?? bytes };
}

async function sizeOf(path: string): Promise<number> {
  const file = await open(path, "r");
  try {
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

async function cut(path: string, bytes: number): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.truncate(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
