/**
 * Results on disk: `results/<scenario>.json` of each scenario's last run, which git ignores, and of all of them together
 * `last.json`, `last.md` and `last.svg`, which are part of the project.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chartOf } from "./chart.ts";
import type { Finding } from "./finding.ts";
import { machine, type Machine } from "./machine.ts";
import { markdownOf } from "./table.ts";

export interface Recorded extends Finding {
  readonly at: string;
  readonly machine: Machine;
}

export const resultsFolder = join(import.meta.dirname, "../results");
const last = join(resultsFolder, "last.json");

/** Prints the table of a scenario and keeps its result. */
export async function record(finding: Finding): Promise<void> {
  const recorded: Recorded = { ...finding, at: new Date().toISOString(), machine: machine() };
  console.log(`\n${markdownOf(recorded)}`);
  await mkdir(resultsFolder, { recursive: true });
  await writeFile(join(resultsFolder, `${finding.scenario}.json`), text([recorded]));
  const others = (await readResults(last)).filter(({ scenario }) => scenario !== finding.scenario);
  const all = [...others, recorded].sort((a, b) => (a.scenario < b.scenario ? -1 : 1));
  await writeFile(last, text(all));
  await writeFile(join(resultsFolder, "last.md"), pageOf(all));
  await writeFile(join(resultsFolder, "last.svg"), chartOf(all));
}

/** None where there is no such file. */
export async function readResults(file: string): Promise<Recorded[]> {
  let read: string;
  try {
    read = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  const found: unknown = JSON.parse(read);
  if (!Array.isArray(found)) throw new Error(`${file} is not a file of results of this harness`);
  return found as Recorded[];
}

function pageOf(all: readonly Recorded[]): string {
  const parts = all.map(({ at, machine: on, ...finding }) => {
    const load = on.load.map((value) => value.toFixed(1)).join(", ");
    return `## ${finding.scenario}\n\n${markdownOf(finding)}\n\n${at}; ${on.cpus} × ${on.cpu}, ${on.memoryGiB} GiB, Linux ${on.kernel}, Node.js ${on.node}, load ${load}.\n`;
  });
  return `# The last run of each benchmark\n\nWritten by \`npm run bench\`. What the figures mean is in [docs/performance.md](../../docs/performance.md).\n\n${parts.join("\n")}`;
}

function text(value: unknown): string {
  // Values of one line, so that a difference between two runs can be read.
  return `${JSON.stringify(value, undefined, 1).replace(/\[[\s\d.,e+-]*\]/g, (list) => list.replace(/\s+/g, ""))}\n`;
}
