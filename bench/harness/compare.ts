/** What has changed between two files of results, and what of it is more than noise. */
import { readResults, type Recorded } from "./results.ts";
import type { Figure } from "./finding.ts";
import { median, rankTest } from "./statistics.ts";
import { markdown, shown, type Row } from "./table.ts";

/** Five rounds against five that are all on one side of each other have 0.008. */
const SURE = 0.05;
/** Less than this is not worth a word, however sure it is. */
const WORTH = 0.03;

export interface Change {
  readonly scenario: string;
  readonly figure: Figure;
  readonly before: number;
  readonly after: number;
  /** How likely so large a difference is where nothing has changed. */
  readonly chance: number;
  readonly verdict: "better" | "worse" | "noise" | "too few rounds";
}

export function changesOf(before: readonly Recorded[], after: readonly Recorded[]): Change[] {
  return after.flatMap(({ scenario, figures }) => {
    const earlier = before.find((each) => each.scenario === scenario)?.figures ?? [];
    return figures.flatMap((figure) => {
      const same = earlier.find(
        (each) => each.case === figure.case && each.subject === figure.subject && each.metric === figure.metric,
      );
      return same === undefined ? [] : [changeOf(scenario, same, figure)];
    });
  });
}

function changeOf(scenario: string, before: Figure, after: Figure): Change {
  const [from, to] = [median(before.values), median(after.values)];
  const chance = rankTest(before.values, after.values);
  const rounds = Math.min(before.values.length, after.values.length);
  const share = from === 0 ? (to === 0 ? 0 : 1) : Math.abs(to / from - 1);
  let verdict: Change["verdict"] = to < from === (after.better === "less") ? "better" : "worse";
  if (chance > SURE || share < WORTH) verdict = "noise";
  // Three against three can never be sure.
  if (rounds < 4) verdict = "too few rounds";
  return { scenario, figure: after, before: from, after: to, chance, verdict };
}

export async function compare(fileA: string, fileB: string): Promise<void> {
  const [a, b] = await Promise.all([readResults(fileA), readResults(fileB)]);
  for (const [file, found] of [
    [fileA, a],
    [fileB, b],
  ] as const) {
    if (found.length === 0) throw new Error(`there are no results in ${file}`);
  }
  const rows = changesOf(a, b).map(({ scenario, figure, before, after, chance, verdict }): Row => ({
    scenario,
    case: figure.case,
    subject: figure.subject,
    metric: `${figure.metric} ${figure.unit}`,
    before: shown(before),
    after: shown(after),
    change: `${((after / before - 1) * 100).toFixed(1)} %`,
    chance: chance.toFixed(3),
    verdict,
  }));
  console.log(markdown(`${fileA} → ${fileB}`, rows));
  const machines = new Set([...a, ...b].map(({ machine }) => `${machine.cpus} × ${machine.cpu}, ${machine.kernel}`));
  if (machines.size > 1)
    console.log(`\nThese are of different machines: ${[...machines].join("; ")}. Only ratios compare.`);
}
