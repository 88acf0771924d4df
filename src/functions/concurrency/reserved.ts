/** Reserved concurrency: a part of the account's concurrency that is one function's own, and its limit. */
import type { Scope } from "../../base/scope.ts";
import { changeFunction, readFunction } from "../documents.ts";
import type { Domain } from "../domain.ts";
import { functionNotFound } from "../errors.ts";
import { entryOf, heldBy, provisionedTotal } from "./ledger.ts";
import { leastUnreserved, lessThanProvisioned, tooLittleLeft } from "./limits.ts";

/** `PutFunctionConcurrency`. 0 lets no call in. */
export async function putReserved(domain: Domain, scope: Scope, name: string, reserved: number): Promise<number> {
  const limit = domain.limits.concurrentExecutions;
  if (!(await readFunction(domain.documents, scope, name))) throw functionNotFound(scope, name, "$LATEST");
  await changeFunction(domain.documents, scope, name, async (before) => {
    if (before.reservedConcurrency === reserved) return { result: undefined };
    const document = { ...before, reservedConcurrency: reserved };
    const { others, writes } = await entryOf(domain.documents, scope, name, heldBy(document));
    // Less than before is always possible, also in an account whose limit has been lowered since.
    const more = heldBy(document) > heldBy(before);
    if (more && limit - others - reserved < leastUnreserved(limit)) {
      throw tooLittleLeft("ReservedConcurrentExecutions", limit);
    }
    const provisioned = provisionedTotal(before);
    if (provisioned > reserved) throw lessThanProvisioned(reserved, provisioned);
    return { document, writes, result: undefined };
  });
  domain.forget(scope, name);
  return reserved;
}

/** `GetFunctionConcurrency` */
export async function getReserved(domain: Domain, scope: Scope, name: string): Promise<number | undefined> {
  const stored = await readFunction(domain.documents, scope, name);
  if (!stored) throw functionNotFound(scope, name);
  return stored.value.reservedConcurrency;
}

/** `DeleteFunctionConcurrency`. What is provisioned of the function, never more than was reserved, is the account's then. */
export async function removeReserved(domain: Domain, scope: Scope, name: string): Promise<void> {
  await changeFunction(domain.documents, scope, name, async (before) => {
    const { reservedConcurrency, ...document } = before;
    if (reservedConcurrency === undefined) return { result: undefined };
    const { writes } = await entryOf(domain.documents, scope, name, heldBy(document));
    return { document, writes, result: undefined };
  });
  domain.forget(scope, name);
}
