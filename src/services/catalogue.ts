/** Which operations are built, and what they leave out, by the name of their service. Starts nothing. */
import type { CoverageTable } from "./coverage.ts";
import { lambdaCoverage } from "./lambda/coverage.ts";
import { lambdaOperations } from "./lambda/operations.ts";
import { logsCoverage } from "./logs/coverage.ts";
import { implementedLogsOperations } from "./logs/index.ts";

export function implementedOperations(): Record<string, readonly string[]> {
  return { lambda: Object.keys(lambdaOperations).toSorted(), logs: implementedLogsOperations.toSorted() };
}

/** For the page of API coverage; the services have the same names as above. */
export function coverageTables(): Record<string, CoverageTable> {
  return { lambda: lambdaCoverage, logs: logsCoverage };
}

export type { CoverageTable, Exception, Exceptions } from "./coverage.ts";
