/** Which operations are built, by the name of their service: for the table of API coverage. Starts nothing. */
import { lambdaOperations } from "./lambda/operations.ts";

export function implementedOperations(): Record<string, readonly string[]> {
  return { lambda: Object.keys(lambdaOperations).toSorted() };
}
