/** Constraint tables by the name of the service, and the checks made of them. */
import cloudtrail from "./generated/cloudtrail.json" with { type: "json" };
import iam from "./generated/iam.json" with { type: "json" };
import lambda from "./generated/lambda.json" with { type: "json" };
import logs from "./generated/logs.json" with { type: "json" };
import sts from "./generated/sts.json" with { type: "json" };
import type { ConstraintTable } from "./table.ts";

export { createConstraints, type InputCheck } from "./compile.ts";
export type { ConstraintShape, ConstraintTable } from "./table.ts";

/** Generated from botocore's models by `tools/generate-constraints.ts`. */
export const constraintTables: Readonly<Record<string, ConstraintTable>> = { cloudtrail, iam, lambda, logs, sts };
