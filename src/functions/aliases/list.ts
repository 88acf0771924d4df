/** Reading aliases: one, all of a function, and those that keep a version from being deleted. */
import type { Documents } from "../../store/contract.ts";
import type { Scope } from "../../base/scope.ts";
import type { ListOptions } from "../contract.ts";
import { readFunction, walk } from "../documents.ts";
import { aliasNotFound, functionNotFound } from "../errors.ts";
import { ALIAS, aliasKey, functionKey } from "../keys.ts";
import type { AliasDocument, AliasListing } from "./contract.ts";

/** `GetAlias` */
export async function get(
  documents: Documents,
  scope: Scope,
  functionName: string,
  alias: string,
): Promise<AliasDocument> {
  if (!(await readFunction(documents, scope, functionName))) throw functionNotFound(scope, functionName);
  const stored = await documents.get<AliasDocument>(ALIAS, aliasKey(scope, functionName, alias));
  if (!stored) throw aliasNotFound(scope, functionName, alias);
  return stored.value;
}

/** `ListAliases` */
export async function list(
  documents: Documents,
  scope: Scope,
  functionName: string,
  options: ListOptions & { version?: string },
): Promise<AliasListing> {
  if (!(await readFunction(documents, scope, functionName))) throw functionNotFound(scope, functionName);
  const items: AliasDocument[] = [];
  for await (const alias of aliasesOf(documents, scope, functionName, options.after)) {
    if (options.version !== undefined && alias.functionVersion !== options.version) continue;
    const last = items.at(-1);
    if (last && items.length >= options.limit) return { items, next: last.name };
    items.push(alias);
  }
  return { items };
}

/** Names of the aliases that send calls to a version, as their first or as their second. */
export async function aliasesOfVersion(
  documents: Documents,
  scope: Scope,
  functionName: string,
  version: string,
): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, functionVersion, routing } of aliasesOf(documents, scope, functionName)) {
    if (functionVersion === version || routing?.version === version) names.push(name);
  }
  return names;
}

async function* aliasesOf(
  documents: Documents,
  scope: Scope,
  functionName: string,
  after?: string,
): AsyncGenerator<AliasDocument> {
  const from = after === undefined ? undefined : aliasKey(scope, functionName, after);
  for await (const { value } of walk<AliasDocument>(documents, ALIAS, `${functionKey(scope, functionName)}/`, from)) {
    yield value;
  }
}
