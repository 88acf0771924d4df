import type { RuntimeEntry } from "../../artifacts/contract.ts";
import { catalogue } from "../../artifacts/runtimes/catalogue.ts";

/** The newest runtime of a family that Kiln can build and that is more than a preview: then AWS says when it ends. */
export function newestRuntime(family: RuntimeEntry["family"]): string {
  // The catalogue has the newest first.
  const entry = catalogue.find(
    (candidate) => candidate.family === family && candidate.build !== undefined && candidate.deprecated !== undefined,
  );
  if (entry === undefined) throw new Error(`there is no runtime of ${family}`);
  return entry.id;
}

export function familyOf(runtime: string | undefined): RuntimeEntry["family"] | undefined {
  return catalogue.find(({ id }) => id === runtime)?.family;
}
