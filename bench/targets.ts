/** What the project wants of cold starts and density, beside what a run has measured. */
import { shown } from "./harness/table.ts";
import { printTable } from "./report.ts";

export interface Target {
  readonly what: string;
  /** `×` of what stands beside it in `what`, `ms`, `MB`. */
  readonly unit: "×" | "ms" | "MB";
  readonly measured: number;
  /** The target: at most this. */
  readonly most: number;
}

export function printTargets(title: string, targets: readonly Target[]): void {
  printTable(
    title,
    targets.map(({ what, unit, measured, most }) => ({
      target: what,
      measured: `${shown(measured)} ${unit}`,
      "at most": `${most} ${unit}`,
      met: measured <= most ? "yes" : "no",
    })),
  );
}
