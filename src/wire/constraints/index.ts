/** Constraint tables by the name of the service, and the checks made of them. */
import { createRequire } from "node:module";
import type { ConstraintTable } from "./table.ts";

export { createConstraints, type InputCheck } from "./compile.ts";
export type { ConstraintShape, ConstraintTable } from "./table.ts";

const require = createRequire(import.meta.url);

/** Keeps what it has read. */
function generated(service: string): ConstraintTable {
  return require(`./generated/${service}.json`) as ConstraintTable;
}

/** Generated from botocore's models by `tools/generate-constraints.ts`; each is read when it is first asked for. */
export const constraintTables: Readonly<Record<string, ConstraintTable>> = {
  get cloudtrail() {
    return generated("cloudtrail");
  },
  get iam() {
    return generated("iam");
  },
  get lambda() {
    return generated("lambda");
  },
  get logs() {
    return generated("logs");
  },
  get sts() {
    return generated("sts");
  },
};
