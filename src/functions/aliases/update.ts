import { newId } from "../../base/ids.ts";
import type { Scope } from "../../base/scope.ts";
import { changeFunction } from "../documents.ts";
import { aliasToUpdateNotFound, revisionMismatch } from "../errors.ts";
import { ALIAS, aliasKey } from "../keys.ts";
import type { AliasesOptions } from "./aliases.ts";
import type { AliasChange, AliasDocument } from "./contract.ts";
import { checkVersions, requestedRouting } from "./routing.ts";

/**
 * `UpdateAlias`: members that are absent stay as they are, the routing included; an empty routing configuration removes
 * it. Every update makes a new revision, also one that changes nothing.
 */
export async function update(
  { documents, forget }: AliasesOptions,
  scope: Scope,
  functionName: string,
  request: AliasChange,
): Promise<AliasDocument> {
  const { Name = "", FunctionVersion, Description, RoutingConfig, RevisionId } = request;
  const asked = requestedRouting(RoutingConfig);
  const key = aliasKey(scope, functionName, Name);
  const updated = await changeFunction<AliasDocument>(documents, scope, functionName, async (document) => {
    const stored = await documents.get<AliasDocument>(ALIAS, key);
    if (!stored) throw aliasToUpdateNotFound(scope, functionName, Name);
    const current = stored.value;
    if (RevisionId !== undefined && RevisionId !== current.revisionId) throw revisionMismatch();
    const routing = RoutingConfig === undefined ? current.routing : asked;
    const alias: AliasDocument = {
      name: current.name,
      functionVersion: FunctionVersion ?? current.functionVersion,
      description: Description ?? current.description,
      revisionId: newId(),
      ...(routing ? { routing } : {}),
    };
    await checkVersions(documents, scope, document, alias);
    return {
      document,
      writes: [{ op: "replace", kind: ALIAS, key, value: alias, version: stored.version }],
      result: alias,
    };
  });
  forget(scope, functionName);
  return updated;
}
