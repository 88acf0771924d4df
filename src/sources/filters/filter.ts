/** The filters of a mapping, compiled: a record passes when one of them matches, or when there is none. */
import { matches, type Pattern } from "./matches.ts";

/** `data`: the member that holds what the sender wrote, as text that may be JSON, if there is one: `body` of SQS. */
export function createFilter(
  patterns: readonly string[],
  data: string | undefined,
): (record: Readonly<Record<string, unknown>>) => boolean {
  const all = patterns.map((text) => JSON.parse(text) as Pattern);
  if (all.length === 0) return () => true;
  return (record) => {
    if (data === undefined) return all.some((pattern) => matches(pattern, record as never));
    const parsed = withData(record, data);
    return all.some((pattern) => {
      const wanted = pattern[data];
      // A pattern for text compares the text; one for members needs what the text means.
      const structured = wanted !== undefined && !Array.isArray(wanted);
      const view = structured ? parsed : record;
      return view !== undefined && matches(pattern, view as never);
    });
  };
}

/** Undefined when the text is no JSON: then nothing that asks for members of it can match. */
function withData(record: Readonly<Record<string, unknown>>, data: string): Record<string, unknown> | undefined {
  try {
    return { ...record, [data]: JSON.parse(String(record[data])) as unknown };
  } catch {
    return undefined;
  }
}
