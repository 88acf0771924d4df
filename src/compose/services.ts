/**
 * The services of the API. Lambda's is there from the start; the others and their schemas are loaded when a request first
 * means them: most Kilns never need all of them, and each takes memory and a part of the start.
 */
import type { Clock } from "../base/clock.ts";
import type { Identity } from "../identity/index.ts";
import type { Kms } from "../kms/contract.ts";
import type { LogReader } from "../observability/contract.ts";
import type { Queues } from "../queues/contract.ts";
import type { CloudTrailDependencies } from "../services/cloudtrail/dependencies.ts";
import type { LambdaDependencies } from "../services/lambda/dependencies.ts";
import { lambdaService } from "../services/lambda/index.ts";
import { sqsQuery } from "../services/sqs/query.ts";
import type { DeferredService, ServiceDefinition } from "../wire/contract.ts";
import { constraintTables } from "../wire/index.ts";

export interface ServiceParts {
  readonly lambda: LambdaDependencies;
  readonly logs: LogReader;
  readonly identity: Identity;
  readonly trail: CloudTrailDependencies["log"];
  readonly trails: CloudTrailDependencies["trails"];
  readonly queues: Queues;
  readonly kms: Kms;
  readonly clock: Clock;
}

export function servicesOf(parts: ServiceParts): (ServiceDefinition | DeferredService)[] {
  const { lambda, logs, identity, trail, trails, queues, kms, clock } = parts;
  return [
    lambdaService({ ...lambda, constraints: constraintTables["lambda"] }),
    {
      name: "logs",
      target: "Logs_20140328",
      load: async () =>
        (await import("../services/logs/index.ts")).logsService({ logs, constraints: constraintTables["logs"] }),
    },
    {
      // A form without a signature can only be for STS, which comes first.
      name: "sts",
      forms: {},
      load: async () =>
        (await import("../services/sts/index.ts")).stsService({ identity, constraints: constraintTables["sts"] }),
    },
    {
      name: "cloudtrail",
      target: "CloudTrail_20131101",
      load: async () =>
        (await import("../services/cloudtrail/index.ts")).cloudTrailService({
          log: trail,
          trails,
          clock,
          constraints: constraintTables["cloudtrail"],
        }),
    },
    {
      name: "iam",
      forms: {},
      load: async () =>
        (await import("../services/iam/index.ts")).iamService({ identity, constraints: constraintTables["iam"] }),
    },
    {
      name: "sqs",
      target: "AmazonSQS",
      forms: sqsQuery,
      load: async () =>
        (await import("../services/sqs/index.ts")).sqsService({ queues, constraints: constraintTables["sqs"] }),
    },
    {
      name: "kms",
      target: "TrentService",
      load: async () => (await import("../services/kms/index.ts")).kmsService({ kms }),
    },
  ];
}
