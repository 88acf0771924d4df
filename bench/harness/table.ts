/** Findings as Markdown: a row for each subject of each case, a column for each metric. */
import type { Figure, Finding } from "./finding.ts";
import { median, spread } from "./statistics.ts";

export type Row = Record<string, string | number>;

export function rowsOf({ figures, headline }: Finding): Row[] {
  const rows: Row[] = [];
  const metrics = [...new Map(figures.map((figure) => [figure.metric, figure.unit]))];
  for (const name of new Set(figures.map((figure) => figure.case))) {
    const here = figures.filter((figure) => figure.case === name);
    const base = here.find((figure) => figure.metric === headline);
    for (const subject of new Set(here.map((figure) => figure.subject))) {
      const of = (metric: string): Figure | undefined =>
        here.find((figure) => figure.subject === subject && figure.metric === metric);
      const row: Row = { case: name, subject };
      for (const [metric, unit] of metrics) {
        const found = of(metric);
        row[`${metric} ${unit}`] = found === undefined ? "" : shown(median(found.values));
        if (metric !== headline) continue;
        row["spread"] = found === undefined ? "" : spread(found.values, digitsOf(median(found.values)));
        row["ratio"] =
          found === undefined || base === undefined ? "" : (median(found.values) / median(base.values)).toFixed(2);
      }
      rows.push(row);
    }
  }
  return rows;
}

export function markdown(title: string, rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => String(row[column]).length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(" | ")} |`;
  return [
    title,
    "",
    line(columns),
    line(widths.map((width) => "-".repeat(width))),
    ...rows.map((row) => line(columns.map((column) => String(row[column])))),
  ].join("\n");
}

export function markdownOf(finding: Finding): string {
  const absent = finding.absent.map(({ subject, reason }) => `\n\nAbsent: ${subject} (${reason}).`).join("");
  return `${markdown(finding.title, rowsOf(finding))}${absent}`;
}

function digitsOf(value: number): number {
  return Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
}

export function shown(value: number): string {
  return value.toFixed(digitsOf(value));
}
