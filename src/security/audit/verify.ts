/**
 * Is the log what was written? Reads the files as they lie there, beside a running Kiln or without one, and finds every
 * record that was altered, taken out, put in, moved or cut off.
 */
import { BEGINNING, isGenuine, type Link } from "./chain.ts";
import { readHead, type Head } from "./head.ts";
import { headPath, listSegments, readSegment, type Segment } from "./segments.ts";

export type Finding = {
  readonly problem: "altered" | "missing" | "reordered" | "foreign" | "truncated" | "head";
  readonly file: string;
  /** Number of the record, where it is known. */
  readonly record?: number;
  readonly message: string;
};

export interface LogVerification {
  /** Records that are as they were written. */
  readonly records: number;
  readonly from: number;
  readonly to: number;
  readonly findings: readonly Finding[];
}

/** More than these are counted in the last one only. */
const MAX_FINDINGS = 1000;

/** `witness`: the copy of the head outside of the state directory. */
export async function verifyLog(dir: string, key: Buffer, witness?: string): Promise<LogVerification> {
  const path = headPath(dir);
  const seen = witness === undefined ? undefined : await readHead(witness, key);
  const read = await readHead(path, key);
  const segments = await listSegments(dir);
  // What was removed for its age since then is not missing.
  const again = await readHead(path, key);
  const findings: Finding[] = [];
  const find = (finding: Finding): void => void (findings.length < MAX_FINDINGS && findings.push(finding));
  if (read === "broken") find({ problem: "head", file: path, message: "The head of the log was changed." });
  if (read === undefined && segments.length > 0) find({ problem: "head", file: path, message: "It is not there." });
  const head = typeof read === "object" ? read : undefined;
  const kept = typeof again === "object" ? again : head;

  const state: Walk = {
    next: kept?.oldest ?? segments[0]?.first ?? 1,
    last: kept?.before ?? BEGINNING,
    records: 0,
    lost: kept === undefined,
  };
  const from = state.next;
  for (const segment of segments) {
    if (kept !== undefined && segment.first < kept.oldest && (await isBefore(segment, kept))) continue;
    await walk(segment, state, key, head, find);
  }
  if (head !== undefined && state.next < head.next) {
    const file = segments.at(-1)?.path ?? dir;
    const message = `The log ends before the record ${state.next}, and there were records up to ${head.next - 1}.`;
    find({ problem: "truncated", file, record: state.next, message });
  }
  // Read before the log, so that it tells of nothing that came since.
  if (witness !== undefined && seen === "broken") {
    find({ problem: "head", file: witness, message: "The copy of the log's head was changed." });
  }
  if (witness !== undefined && typeof seen === "object" && state.next < seen.next && (head?.next ?? 0) < seen.next) {
    const message = `There were records up to ${seen.next - 1}: an earlier state of the log was put back.`;
    find({ problem: "truncated", file: witness, record: state.next, message });
  }
  return { records: state.records, from, to: state.next - 1, findings };
}

interface Walk {
  next: number;
  last: string;
  records: number;
  /** What came before is not known, so that the next line cannot be compared with it. */
  lost: boolean;
}

/** A file whose records are all older than what is kept: about to be removed. */
async function isBefore(segment: Segment, { oldest }: Head): Promise<boolean> {
  const { lines } = await readSegment(segment.path);
  return (lines.at(-1)?.link?.sequence ?? segment.first) < oldest;
}

async function walk(
  { path }: Segment,
  state: Walk,
  key: Buffer,
  head: Head | undefined,
  find: (finding: Finding) => void,
): Promise<void> {
  const { header, lines } = await readSegment(path);
  const seen = new Set(lines.flatMap(({ link }) => (link === undefined ? [] : [link.sequence])));
  if (header === undefined && lines.length > 0) {
    find({ problem: "altered", file: path, message: "The first line of the file was changed." });
  } else if (header !== undefined && header.first === state.next && header.previous !== state.last && !state.lost) {
    find({ problem: "altered", file: path, message: "The first line of the file was changed." });
  }
  for (const [index, { link, whole }] of lines.entries()) {
    if (link === undefined) {
      // The line that is being written, or was when Kiln was killed.
      const unfinished = !whole && index === lines.length - 1 && (head === undefined || state.next >= head.next);
      if (unfinished) return;
      find({ problem: "altered", file: path, record: state.next, message: `Line ${index + 2} is no record any more.` });
      state.next += 1;
      state.lost = true;
      continue;
    }
    check(link, path, state, key, seen, find);
  }
}

function check(
  link: Link,
  file: string,
  state: Walk,
  key: Buffer,
  seen: ReadonlySet<number>,
  find: (finding: Finding) => void,
): void {
  const { sequence: record } = link;
  if (!isGenuine(key, link)) {
    find({ problem: "altered", file, record, message: `Record ${record} is not what was written.` });
    state.next = Math.max(state.next, state.next === record ? record + 1 : state.next + 1);
    state.last = link.mac;
    state.lost = true;
    return;
  }
  state.records += 1;
  if (record < state.next) {
    find({ problem: "reordered", file, record, message: `Record ${record} comes after ${state.next - 1}.` });
    return;
  }
  if (record > state.next) {
    const { next } = state;
    const range = next === record - 1 ? `Record ${next}` : `Records ${next} to ${record - 1}`;
    const moved = seen.has(next);
    const message = moved ? `${range} should come before record ${record}.` : `Missing: ${range}.`;
    find({ problem: moved ? "reordered" : "missing", file, record: next, message });
  } else if (link.previous !== state.last && !state.lost) {
    find({ problem: "foreign", file, record, message: `Record ${record} does not follow the one before it.` });
  }
  state.next = record + 1;
  state.last = link.mac;
  state.lost = false;
}
