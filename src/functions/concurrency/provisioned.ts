/** Provisioned concurrency: environments of a published version, or of an alias, that are initialised ahead of calls. */
import { ServiceError } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";
import type { Documents, Write } from "../../store/contract.ts";
import { findQualified } from "../aliases/qualified.ts";
import type { FunctionDocument } from "../contract.ts";
import { changeFunction, readFunction } from "../documents.ts";
import type { Domain } from "../domain.ts";
import { functionNotFound, invalidParameter, refuseTenants } from "../errors.ts";
import type { ProvisionedConfig, ProvisionedView } from "./contract.ts";
import { entryOf, heldBy, provisionedTotal } from "./ledger.ts";
import { leastUnreserved, moreThanReserved, moreThanUnreserved, tooLittleLeft } from "./limits.ts";
import { refuseSecondConfig, refuseUnfit, requireQualified } from "./qualifiers.ts";

/** `PutProvisionedConcurrencyConfig`. Answers before any environment is there, as AWS does. */
export async function putProvisioned(
  domain: Domain,
  scope: Scope,
  name: string,
  qualifier: string,
  requested: number,
): Promise<ProvisionedView> {
  if (qualifier === "$LATEST") {
    throw invalidParameter("Provisioned Concurrency Configs cannot be applied to unpublished function versions.");
  }
  refuseUnfit(await requireQualified(domain.documents, scope, name, qualifier));
  const config = await changeFunction(domain.documents, scope, name, async (before) => {
    refuseUnfit(await requireQualified(domain.documents, scope, name, qualifier));
    await refuseSecondConfig(domain.documents, scope, before, qualifier);
    refuseTenants(before.latest.settings, "Provisioned concurrency is");
    const config: ProvisionedConfig = { requested, lastModified: domain.clock() };
    const document = { ...before, provisioned: { ...before.provisioned, [qualifier]: config } };
    const { others, writes } = await entryOf(domain.documents, scope, name, heldBy(document));
    refuseTooMuch(domain.limits.concurrentExecutions, before, document, others);
    return { document, writes, result: config };
  });
  domain.forget(scope, name);
  return { ...config, qualifier, state: { status: "IN_PROGRESS", allocated: 0, available: 0 } };
}

/** `GetProvisionedConcurrencyConfig` */
export async function getProvisioned(
  domain: Domain,
  scope: Scope,
  name: string,
  qualifier: string,
): Promise<ProvisionedView> {
  refuseLatest(qualifier);
  const { document, version } = await requireQualified(domain.documents, scope, name, qualifier);
  const config = document.provisioned?.[qualifier];
  if (!config) {
    throw new ServiceError(
      "ProvisionedConcurrencyConfigNotFoundException",
      "No Provisioned Concurrency Config found for this function",
      { status: 404, members: { Type: "User" } },
    );
  }
  return { ...config, qualifier, state: domain.provisioner.state(scope, name, version.version) };
}

/** `ListProvisionedConcurrencyConfigs` */
export async function listProvisioned(
  domain: Domain,
  scope: Scope,
  name: string,
  { limit, after }: { limit: number; after?: string },
): Promise<{ items: ProvisionedView[]; next?: string }> {
  const stored = await readFunction(domain.documents, scope, name);
  if (!stored) throw functionNotFound(scope, name);
  const { provisioned = {} } = stored.value;
  const qualifiers = Object.keys(provisioned)
    .toSorted()
    .filter((qualifier) => after === undefined || qualifier > after);
  const items: ProvisionedView[] = [];
  for (const qualifier of qualifiers.slice(0, limit)) {
    const config = provisioned[qualifier];
    const found = await findQualified(domain.documents, scope, name, qualifier);
    // Both go in one transaction; one that is gone has been removed since the function was read.
    if (!config || !found) continue;
    items.push({ ...config, qualifier, state: domain.provisioner.state(scope, name, found.version.version) });
  }
  const last = items.at(-1);
  return last && qualifiers.length > limit ? { items, next: last.qualifier } : { items };
}

/** `DeleteProvisionedConcurrencyConfig` */
export async function removeProvisioned(domain: Domain, scope: Scope, name: string, qualifier: string): Promise<void> {
  refuseLatest(qualifier);
  await requireQualified(domain.documents, scope, name, qualifier);
  await changeFunction(domain.documents, scope, name, async (before) => {
    const { document, writes } = await releaseProvisioned(domain.documents, scope, before, qualifier);
    return document === before ? { result: undefined } : { document, writes, result: undefined };
  });
  domain.forget(scope, name);
}

/** The document without the configuration of one qualifier, and the writes that give back what it held. */
export async function releaseProvisioned(
  documents: Documents,
  scope: Scope,
  before: FunctionDocument,
  qualifier: string,
): Promise<{ document: FunctionDocument; writes: Write[] }> {
  const { provisioned, ...rest } = before;
  if (!provisioned || !Object.hasOwn(provisioned, qualifier)) return { document: before, writes: [] };
  const { [qualifier]: _removed, ...others } = provisioned;
  const document = Object.keys(others).length === 0 ? rest : { ...rest, provisioned: others };
  const { writes } = await entryOf(documents, scope, before.name, heldBy(document));
  return { document, writes };
}

function refuseLatest(qualifier: string): void {
  if (qualifier !== "$LATEST") return;
  throw invalidParameter("The function resource provided must be an alias or a published version.");
}

/** Less than before is always possible. */
function refuseTooMuch(limit: number, before: FunctionDocument, after: FunctionDocument, others: number): void {
  const total = provisionedTotal(after);
  if (total <= provisionedTotal(before)) return;
  if (after.reservedConcurrency !== undefined) {
    if (total > after.reservedConcurrency) throw moreThanReserved();
    return;
  }
  if (total > limit - others) throw moreThanUnreserved(limit - others);
  if (limit - others - total < leastUnreserved(limit)) throw tooLittleLeft("ConcurrentExecutions", limit);
}
