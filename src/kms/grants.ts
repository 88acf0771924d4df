/** Grants are kept and listed. They give nobody access yet: policies alone decide. */
import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { ServiceError } from "../base/errors.ts";
import type { Scope } from "../base/scope.ts";
import type { GrantDocument, NewGrant } from "./contract.ts";
import { all, findKey, type KmsDomain, requireEnabled } from "./domain.ts";
import { GRANT, scopeKey } from "./names.ts";

export async function createGrant(
  domain: KmsDomain,
  scope: Scope,
  keyId: string,
  wanted: NewGrant,
): Promise<GrantDocument> {
  const found = await findKey(domain, scope, keyId);
  requireEnabled(found);
  // The same request with a name gives the same grant.
  if (wanted.name !== undefined) {
    const same = (await listGrants(domain, scope, keyId)).find((grant) => isSame(grant, wanted));
    if (same !== undefined) return same;
  }
  const grant: GrantDocument = {
    ...wanted,
    id: randomBytes(32).toString("hex"),
    token: randomBytes(48).toString("base64url"),
    keyId: found.key.id,
    createdAt: domain.clock(),
  };
  await domain.documents.create(GRANT, scopeKey(found.scope, `${found.key.id}/${grant.id}`), grant);
  return grant;
}

function isSame(grant: GrantDocument, wanted: NewGrant): boolean {
  const { name, grantee, retiring, operations, constraints, issuer } = wanted;
  return isDeepStrictEqual(
    [grant.name, grant.grantee, grant.retiring, grant.operations, grant.constraints, grant.issuer],
    [name, grantee, retiring, operations, constraints, issuer],
  );
}

export async function listGrants(domain: KmsDomain, caller: Scope, keyId: string): Promise<readonly GrantDocument[]> {
  const { scope, key } = await findKey(domain, caller, keyId);
  const grants: GrantDocument[] = [];
  for await (const { value } of all<GrantDocument>(domain.documents, GRANT, scopeKey(scope, `${key.id}/`)))
    grants.push(value);
  return grants;
}

export async function retirableGrants(
  { documents }: KmsDomain,
  scope: Scope,
  principal: string,
): Promise<readonly GrantDocument[]> {
  const grants: GrantDocument[] = [];
  for await (const { value } of all<GrantDocument>(documents, GRANT, scopeKey(scope, ""))) {
    if (value.retiring === principal) grants.push(value);
  }
  return grants;
}

export async function revokeGrant(domain: KmsDomain, caller: Scope, keyId: string, grantId: string): Promise<void> {
  const { scope, key, arn } = await findKey(domain, caller, keyId);
  if (await domain.documents.remove(GRANT, scopeKey(scope, `${key.id}/${grantId}`))) return;
  throw new ServiceError("NotFoundException", `Grant ID ${grantId} not found for the key ${arn}`);
}

export async function retireGrant(
  domain: KmsDomain,
  scope: Scope,
  which: { token: string } | { keyId: string; grantId: string },
): Promise<void> {
  if ("grantId" in which) return revokeGrant(domain, scope, which.keyId, which.grantId);
  for await (const { key, value } of all<GrantDocument>(domain.documents, GRANT, scopeKey(scope, ""))) {
    if (value.token !== which.token) continue;
    await domain.documents.remove(GRANT, key);
    return;
  }
  throw new ServiceError("InvalidGrantTokenException", "The grant token is not valid.");
}
