import { iam, sts } from "./identity.ts";
import { lambda } from "./lambda.ts";
import { logs } from "./logs.ts";
import { defaults, type Observed } from "./observed.ts";

export type { BodyLimit, Observed } from "./observed.ts";

const services: Readonly<Record<string, Observed>> = { iam, lambda, logs, sts };

export function observedOf(service: string): Observed {
  return services[service] ?? defaults;
}
