/** The log as what is read of it. */
import type { AuditLog, AuditRecord, NumberedRecord } from "./contract.ts";
import type { LogWriter } from "./writer.ts";
import { readSegment, type Line, type Segment } from "./segments.ts";
import { systemCode } from "../../base/errors.ts";

type Written = Pick<LogWriter, "head" | "segments">;

export function createLog(written: Written): AuditLog {
  return {
    next: () => written.head().next,
    oldest: () => written.head().oldest,
    async *backwards(before, may = () => true) {
      for (const segment of written.segments().toReversed()) {
        if (segment.first >= before) continue;
        for (const line of (await linesOf(segment)).toReversed()) {
          const found = numbered(line, written, may);
          if (found !== undefined && found.sequence < before) yield found;
        }
      }
    },
    async *forwards(from) {
      const segments = [...written.segments()];
      for (const [index, segment] of segments.entries()) {
        const following = segments[index + 1];
        if (following !== undefined && following.first <= from) continue;
        for (const line of await linesOf(segment)) {
          const found = numbered(line, written, () => true);
          if (found !== undefined && found.sequence >= from) yield found;
        }
      }
    },
  };
}

/** Undefined for what is not on disk yet, and for what is no record: to find that out is the verification's work. */
function numbered({ link }: Line, written: Written, may: (json: string) => boolean): NumberedRecord | undefined {
  if (link === undefined || link.sequence >= written.head().next || !may(link.json)) return undefined;
  try {
    return { sequence: link.sequence, record: JSON.parse(link.json) as AuditRecord, json: link.json };
  } catch {
    return undefined;
  }
}

/** A file that retention has taken in the meantime has nothing any more. */
async function linesOf({ path }: Segment): Promise<Line[]> {
  try {
    return (await readSegment(path)).lines;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}
