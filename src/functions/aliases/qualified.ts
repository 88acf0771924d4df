/** Does a qualifier exist, and what is it: the one place where qualifiers are resolved. */
import type { Documents } from "../../store/contract.ts";
import type { Scope } from "../../base/scope.ts";
import type { FunctionDocument, FunctionVersion } from "../contract.ts";
import { readFunction, readVersion } from "../documents.ts";
import { ALIAS, aliasKey, isAliasName, isVersionNumber } from "../keys.ts";
import type { AliasDocument, Qualified } from "./contract.ts";

/**
 * An alias may be moved and its old version removed between the readings of the two: then it is read again. Each round
 * means that somebody has done both in the meantime.
 */
const ATTEMPTS = 32;

/** Without a qualifier: $LATEST. Undefined when there is no such function, version or alias. */
export async function findQualified(
  documents: Documents,
  scope: Scope,
  name: string,
  qualifier = "$LATEST",
): Promise<Qualified | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const stored = await readFunction(documents, scope, name);
    if (!stored) return undefined;
    const document = stored.value;
    if (!isAliasName(qualifier)) {
      const version = await versionOf(documents, scope, document, qualifier);
      return version && { kind: isVersionNumber(qualifier) ? "version" : "latest", document, version };
    }
    const alias = (await documents.get<AliasDocument>(ALIAS, aliasKey(scope, name, qualifier)))?.value;
    if (!alias) return undefined;
    const version = await versionOf(documents, scope, document, alias.functionVersion);
    const second = alias.routing && (await versionOf(documents, scope, document, alias.routing.version));
    if (version && (second || !alias.routing)) {
      return { kind: "alias", document, version, alias, ...(second ? { second } : {}) };
    }
  }
  return undefined;
}

/** $LATEST or a published version. */
export async function versionOf(
  documents: Documents,
  scope: Scope,
  document: FunctionDocument,
  version: string,
): Promise<FunctionVersion | undefined> {
  if (version === "$LATEST") return document.latest;
  return (await readVersion(documents, scope, document.name, version))?.value;
}
