/** Results that are not in the shape of the harness: a table on the terminal, and JSON in bench/results. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { machine } from "./harness/machine.ts";
import { resultsFolder } from "./harness/results.ts";
import { markdown, type Row } from "./harness/table.ts";

export { median, spread } from "./harness/statistics.ts";
export type { Row } from "./harness/table.ts";

export function printTable(title: string, rows: readonly Row[]): void {
  console.log(`\n${markdown(title, rows)}`);
}

export async function saveResult(name: string, result: unknown): Promise<string> {
  await mkdir(resultsFolder, { recursive: true });
  const file = join(resultsFolder, `${name}.json`);
  const saved = { name, at: new Date().toISOString(), machine: machine(), result };
  await writeFile(file, `${JSON.stringify(saved, undefined, 2)}\n`);
  return file;
}
