/** What Kiln says to its operator, on standard error. */
import type { BuildProgress } from "../artifacts/runtimes/index.ts";
import { KilnError, messageOf } from "../base/errors.ts";

/** Failures that no caller waits for: the operator reads them on standard error. */
export function report(error: unknown): void {
  const hint = error instanceof KilnError && error.hint !== undefined ? ` ${error.hint}` : "";
  const cause = error instanceof Error && error.cause !== undefined ? ` (${messageOf(error.cause)})` : "";
  process.stderr.write(`${new Date().toISOString()} kiln: ${messageOf(error)}${cause}${hint}\n`);
}

/** Images of runtimes that are built because a function wants them. */
export function sayProgress({ id, step, done, total }: BuildProgress): void {
  const percent = Math.floor((100 * done) / total);
  process.stderr.write(`${new Date().toISOString()} kiln: runtime image ${id}: ${step} (${percent}%)\n`);
}

export function sayKeyFile(file: string): void {
  process.stderr.write(
    `${new Date().toISOString()} kiln: ${file} has the key of everything in the state directory. Keep a copy of it elsewhere.\n`,
  );
}

/** Said at every start: it is the one setting that takes the walls around functions down. */
export function openFunctionApi(): KilnError {
  return new KilnError(
    "FUNCTION_API_OPEN",
    "KILN_FUNCTION_API is on without authentication: every function can read and change everything here.",
    { hint: "Run only your own code, or leave --auth off out: then functions can do what their roles allow." },
  );
}
