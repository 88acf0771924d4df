/** What a user should know about the end of a runtime, ahead of time. */
import type { RuntimeEntry } from "../../artifacts/contract.ts";
import type { Clock } from "../../base/clock.ts";

/** ms */
const DAY = 24 * 60 * 60 * 1000;
/** Days before the deprecation. AWS itself sends its notices 180 days ahead. */
const AHEAD = 180;

/**
 * AWS's runtime deprecation policy (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html#runtime-support-policy)
 * in one sentence or two; undefined when the end is far, or nobody has said when it is. The dates are days in UTC.
 */
export function endOfRuntime(
  entry: RuntimeEntry,
  catalogue: readonly RuntimeEntry[],
  clock: Clock,
): string | undefined {
  const now = clock();
  const { id, deprecated, blockCreate, blockUpdate } = entry;
  if (deprecated === undefined) return undefined;
  const days = Math.ceil((startOf(deprecated) - now) / DAY);
  if (days > AHEAD) return undefined;
  const state =
    days > 0
      ? `${id} will be deprecated on ${deprecated}, in ${days === 1 ? "one day" : `${days} days`}.`
      : `${id} has been deprecated since ${deprecated}: it gets no security updates any more.`;
  return [state, consequences(now, blockCreate, blockUpdate), advice(entry, catalogue)]
    .filter((sentence) => sentence !== undefined)
    .join(" ");
}

function startOf(date: string): number {
  return Date.parse(`${date}T00:00:00Z`);
}

function consequences(
  now: number,
  blockCreate: string | undefined,
  blockUpdate: string | undefined,
): string | undefined {
  const blocked = [
    { verb: "created", date: blockCreate },
    { verb: "updated", date: blockUpdate },
  ].flatMap(({ verb, date }) => {
    if (date === undefined) return [];
    return [startOf(date) <= now ? `can no longer be ${verb}` : `cannot be ${verb} from ${date} on`];
  });
  return blocked.length === 0 ? undefined : `Functions on it ${blocked.join(", and ")}.`;
}

/** The newest runtime of the family that Kiln has an image for, previews aside: of those AWS has not said an end. */
function advice(entry: RuntimeEntry, catalogue: readonly RuntimeEntry[]): string | undefined {
  const newest = catalogue.find(
    ({ family, build, deprecated }) => family === entry.family && build !== undefined && deprecated !== undefined,
  );
  return newest === undefined || newest.id === entry.id ? undefined : `Move to ${newest.id}.`;
}
