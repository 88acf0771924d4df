import { PutFunctionConcurrencyCommand, PutProvisionedConcurrencyConfigCommand } from "@aws-sdk/client-lambda";
import type { TestApi } from "../../../lambda/api.ts";
import { arn } from "../../../lambda/support.ts";
import { good, type GoodCase } from "../good-case.ts";
import { time } from "../match.ts";

const f = { FunctionName: "f" };
const first = { ...f, Qualifier: "1" };
const provisioned = {
  RequestedProvisionedConcurrentExecutions: 2,
  AvailableProvisionedConcurrentExecutions: 0,
  AllocatedProvisionedConcurrentExecutions: 0,
  Status: "IN_PROGRESS",
  LastModified: time,
};

/** After 10 have been reserved for `f`. */
function reserved<I extends object>(input: I) {
  return async ({ client }: TestApi): Promise<I> => {
    await client.send(new PutFunctionConcurrencyCommand({ ...f, ReservedConcurrentExecutions: 10 }));
    return input;
  };
}

/** After 2 have been provisioned for its version; there is nothing here that would start environments. */
function withProvisioned<I extends object>(input: I) {
  return async ({ client }: TestApi): Promise<I> => {
    await client.send(new PutProvisionedConcurrencyConfigCommand({ ...first, ProvisionedConcurrentExecutions: 2 }));
    return input;
  };
}

export const concurrencyCases: GoodCase[] = [
  good(
    "PutFunctionConcurrency",
    "some",
    { ...f, ReservedConcurrentExecutions: 900 },
    { answer: { ReservedConcurrentExecutions: 900 } },
  ),
  good("PutFunctionConcurrency", "none at all", reserved({ ...f, ReservedConcurrentExecutions: 0 }), {
    answer: { ReservedConcurrentExecutions: 0 },
  }),
  good("GetFunctionConcurrency", "reserved", reserved(f), { answer: { ReservedConcurrentExecutions: 10 } }),
  good("GetFunctionConcurrency", "not reserved", f, { answer: {} }),
  good("DeleteFunctionConcurrency", "reserved", reserved(f), { status: 204, answer: {} }),
  good("DeleteFunctionConcurrency", "not reserved", f, { status: 204, answer: {} }),
  good(
    "PutProvisionedConcurrencyConfig",
    "of a version",
    { ...first, ProvisionedConcurrentExecutions: 2 },
    { status: 202, answer: provisioned },
  ),
  good("GetProvisionedConcurrencyConfig", "of a version", withProvisioned(first), { answer: provisioned }),
  good("ListProvisionedConcurrencyConfigs", "of a function", withProvisioned(f), {
    answer: { ProvisionedConcurrencyConfigs: [{ FunctionArn: `${arn("f")}:1`, ...provisioned }] },
  }),
  good("ListProvisionedConcurrencyConfigs", "none", f, { answer: { ProvisionedConcurrencyConfigs: [] } }),
  good("DeleteProvisionedConcurrencyConfig", "there", withProvisioned(first), { status: 204, answer: {} }),
  good("DeleteProvisionedConcurrencyConfig", "not there", first, { status: 204, answer: {} }),
];
