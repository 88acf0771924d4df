/** Names that lead to keys. https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html */
import { ServiceError } from "../base/errors.ts";
import type { Scope } from "../base/scope.ts";
import { StoreConflict } from "../store/contract.ts";
import type { AliasDocument, Page, PageOptions } from "./contract.ts";
import { all, findKey, type KmsDomain, requireNotDeleted } from "./domain.ts";
import { aliasNotFound, validation } from "./errors.ts";
import { ALIAS, aliasArn, scopeKey } from "./names.ts";

function checkName(name: string): void {
  if (!name.startsWith("alias/")) throw validation("Invalid identifier");
  if (name.startsWith("alias/aws/")) throw new ServiceError("NotAuthorizedException", "");
  if (!/^alias\/[a-zA-Z0-9/_-]{1,250}$/.test(name)) {
    throw new ServiceError(
      "InvalidAliasNameException",
      "Alias contains invalid characters. Alias must contain only alphanumeric characters, dashes, underscores, and slashes.",
    );
  }
}

async function ownKey(domain: KmsDomain, scope: Scope, keyId: string): Promise<string> {
  if (keyId.startsWith("alias/") || keyId.includes(":alias/"))
    throw validation("Aliases must refer to keys. Not aliases");
  const found = await findKey(domain, scope, keyId);
  requireNotDeleted(found);
  return found.key.id;
}

export async function createAlias(domain: KmsDomain, scope: Scope, name: string, keyId: string): Promise<void> {
  checkName(name);
  const now = domain.clock();
  const alias: AliasDocument = { name, keyId: await ownKey(domain, scope, keyId), createdAt: now, updatedAt: now };
  try {
    await domain.documents.create(ALIAS, scopeKey(scope, name), alias);
  } catch (error) {
    if (!(error instanceof StoreConflict)) throw error;
    throw new ServiceError("AlreadyExistsException", `An alias with the name ${aliasArn(scope, name)} already exists`);
  }
}

export async function updateAlias(domain: KmsDomain, scope: Scope, name: string, keyId: string): Promise<void> {
  checkName(name);
  const target = await ownKey(domain, scope, keyId);
  const key = scopeKey(scope, name);
  const stored = await domain.documents.get<AliasDocument>(ALIAS, key);
  if (stored === undefined) throw aliasNotFound(aliasArn(scope, name));
  try {
    const next = { ...stored.value, keyId: target, updatedAt: domain.clock() };
    await domain.documents.replace(ALIAS, key, next, stored.version);
  } catch (error) {
    if (!(error instanceof StoreConflict)) throw error;
    await updateAlias(domain, scope, name, keyId);
  }
}

export async function deleteAlias({ documents }: KmsDomain, scope: Scope, name: string): Promise<void> {
  if (!(await documents.remove(ALIAS, scopeKey(scope, name)))) throw aliasNotFound(aliasArn(scope, name));
}

export async function listAliases(
  domain: KmsDomain,
  scope: Scope,
  { keyId, limit, after }: PageOptions & { keyId?: string | undefined },
): Promise<Page<AliasDocument>> {
  const only = keyId === undefined ? undefined : (await findKey(domain, scope, keyId)).key.id;
  const items: AliasDocument[] = [];
  for await (const { value } of all<AliasDocument>(domain.documents, ALIAS, scopeKey(scope, ""))) {
    if ((only !== undefined && value.keyId !== only) || (after !== undefined && value.name <= after)) continue;
    const last = items.at(-1);
    if (items.length === limit && last !== undefined) return { items, next: last.name };
    items.push(value);
  }
  return { items };
}
