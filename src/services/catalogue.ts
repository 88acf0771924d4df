/** Which operations are built, and what they leave out, by the name of their service. Starts nothing. */
import type { CoverageTable } from "./coverage.ts";
import { cloudTrailCoverage } from "./cloudtrail/coverage.ts";
import { cloudTrailOperations } from "./cloudtrail/index.ts";
import { iamCoverage } from "./iam/coverage.ts";
import { iamOperations } from "./iam/operations.ts";
import { kmsCoverage } from "./kms/coverage.ts";
import { kmsOperations } from "./kms/index.ts";
import { lambdaCoverage } from "./lambda/coverage.ts";
import { lambdaMissing } from "./lambda/missing.ts";
import { lambdaOperations } from "./lambda/operations.ts";
import { logsCoverage } from "./logs/coverage.ts";
import { implementedLogsOperations } from "./logs/index.ts";
import { sqsCoverage } from "./sqs/coverage.ts";
import { sqsOperations } from "./sqs/index.ts";
import { stsCoverage } from "./sts/coverage.ts";
import { stsOperations } from "./sts/operations.ts";

export function implementedOperations(): Record<string, readonly string[]> {
  return {
    lambda: Object.keys(lambdaOperations).toSorted(),
    logs: implementedLogsOperations.toSorted(),
    sqs: Object.keys(sqsOperations).toSorted(),
    iam: Object.keys(iamOperations).toSorted(),
    sts: Object.keys(stsOperations).toSorted(),
    cloudtrail: Object.keys(cloudTrailOperations).toSorted(),
    kms: Object.keys(kmsOperations).toSorted(),
  };
}

/** For the page of API coverage; the services have the same names as above. */
export function coverageTables(): Record<string, CoverageTable> {
  return {
    lambda: lambdaCoverage,
    logs: logsCoverage,
    sqs: sqsCoverage,
    iam: iamCoverage,
    sts: stsCoverage,
    cloudtrail: cloudTrailCoverage,
    kms: kmsCoverage,
  };
}

/** Why an operation is not built. Throws when nobody has said why, so that none is left out unawares. */
export function whyMissing(service: string, operation: string): string {
  if (service === "logs") return "only the logs of functions are kept, and read with what is built";
  if (service === "cloudtrail") return "records are found and delivered to trails; the rest of CloudTrail is not built";
  if (service === "kms") return "keys are symmetric, made by Kiln itself, and of one region";
  if (service === "iam")
    return "users, groups, roles, their policies and access keys are what functions and their tools need";
  if (service === "sts") return "there is no identity provider that it could be asked for";
  const why = lambdaMissing[operation];
  if (why === undefined) throw new Error(`${service} ${operation} is not built, and nothing says why`);
  return why;
}

export type { CoverageTable, Exception, Exceptions } from "./coverage.ts";
