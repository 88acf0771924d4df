/** Which operations are built, by the name of their service: for the table of API coverage. Starts nothing. */
import { lambdaOperations } from "./lambda/operations.ts";
import { implementedLogsOperations } from "./logs/index.ts";

export function implementedOperations(): Record<string, readonly string[]> {
  return { lambda: Object.keys(lambdaOperations).toSorted(), logs: implementedLogsOperations.toSorted() };
}
