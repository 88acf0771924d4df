/** What hostile functions have come to: from the tests, which are many processes, to the table of `npm run test:isolation`. */
import { appendFileSync, readFileSync } from "node:fs";

export interface HostileFinding {
  level: string;
  attack: string;
  /** How it was denied. */
  how: string;
  /** Of the neighbour's calls meanwhile. */
  p99?: number;
}

/** The row to compare the neighbour's times with. */
export const NO_ATTACK = "(nothing)";

/** A file that `npm run test:isolation` names; without it, nobody asks. */
export function tellFindings(findings: readonly HostileFinding[]): void {
  const file = process.env["KILN_HOSTILE_FINDINGS"];
  if (file === undefined) return;
  // In one write each, which does not mix with those of other processes.
  appendFileSync(file, findings.map((finding) => `${JSON.stringify(finding)}\n`).join(""));
}

export function readFindings(file: string): HostileFinding[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as HostileFinding);
}

function cell({ how, p99 }: HostileFinding): string {
  return p99 === undefined ? how : `${how === "" ? "held" : how} (p99 ${p99.toFixed(0)} ms)`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((text) => text.replaceAll("|", String.raw`\|`)).join(" | ")} |`;
}

/** attack × level → how it was denied, as Markdown. */
export function findingsTable(findings: readonly HostileFinding[], levels: readonly string[]): string {
  const attacks = [...new Set(findings.map(({ attack }) => attack))];
  const rows = attacks.map((attack) =>
    levels.map((level) => {
      const cells = findings.filter((each) => each.attack === attack && each.level === level).map(cell);
      return cells.length === 0 ? "not run" : [...new Set(cells)].join("; ");
    }),
  );
  return [
    line(["attack", ...levels]),
    line(["---", ...levels.map(() => "---")]),
    ...attacks.map((attack, index) => line([attack, ...(rows[index] ?? [])])),
  ].join("\n");
}
