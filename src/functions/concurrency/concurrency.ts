import type { Domain } from "../domain.ts";
import type { Concurrency } from "./contract.ts";
import type { LedgerView } from "./ledger.ts";
import { getProvisioned, listProvisioned, putProvisioned, removeProvisioned } from "./provisioned.ts";
import { getReserved, putReserved, removeReserved } from "./reserved.ts";

export function createConcurrency(domain: Domain, ledger: LedgerView): Concurrency {
  return {
    putReserved: (scope, name, reserved) => putReserved(domain, scope, name, reserved),
    getReserved: (scope, name) => getReserved(domain, scope, name),
    removeReserved: (scope, name) => removeReserved(domain, scope, name),
    putProvisioned: (scope, name, qualifier, requested) => putProvisioned(domain, scope, name, qualifier, requested),
    getProvisioned: (scope, name, qualifier) => getProvisioned(domain, scope, name, qualifier),
    listProvisioned: (scope, name, options) => listProvisioned(domain, scope, name, options),
    removeProvisioned: (scope, name, qualifier) => removeProvisioned(domain, scope, name, qualifier),
    unreserved: (scope) => Math.max(0, domain.limits.concurrentExecutions - ledger.held(scope)),
  };
}
