/**
 * Grants: a principal may do some operations with a key, beside what policies say; they act at once, so that nobody needs
 * their tokens. https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
 */
import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { ServiceError } from "../base/errors.ts";
import { UnknownPrincipal, type PrincipalNames } from "../base/principals.ts";
import type { Scope } from "../base/scope.ts";
import type { EncryptionContext, FoundGrant, GrantDocument, GrantName, GrantUse, NewGrant } from "./contract.ts";
import { all, findKey, type KmsDomain, requireEnabled } from "./domain.ts";
import { invalidPrincipal } from "./errors.ts";
import { GRANT, keyArn, parseKeyArn, scopeKey } from "./names.ts";

export async function createGrant(
  domain: KmsDomain,
  scope: Scope,
  keyId: string,
  asked: NewGrant,
): Promise<GrantDocument> {
  const found = await findKey(domain, scope, keyId);
  requireEnabled(found);
  const wanted: NewGrant = {
    ...asked,
    grantee: await keptPrincipal(domain, asked.grantee),
    ...(asked.retiring === undefined ? {} : { retiring: await keptPrincipal(domain, asked.retiring) }),
  };
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

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html#KMS-CreateGrant-request-GranteePrincipal */
const principalForm = /^(\d{12}|arn:aws[a-z-]*:(iam|sts)::\d{12}:(root|(user|role|assumed-role|federated-user)\/.+))$/;

async function keptPrincipal({ principals }: KmsDomain, name: string): Promise<string> {
  if (!principalForm.test(name)) throw invalidPrincipal(name);
  try {
    return await principals.keptName(name);
  } catch (error) {
    throw error instanceof UnknownPrincipal ? invalidPrincipal(name) : error;
  }
}

/** As those who made them know them. */
export function shownGrants(
  { principals }: { principals: PrincipalNames },
  grants: readonly GrantDocument[],
): Promise<readonly GrantDocument[]> {
  return Promise.all(
    grants.map(async (grant) => ({
      ...grant,
      grantee: await principals.shownName(grant.grantee),
      ...(grant.retiring === undefined ? {} : { retiring: await principals.shownName(grant.retiring) }),
    })),
  );
}

export async function retirableGrants(
  domain: KmsDomain,
  scope: Scope,
  name: string,
): Promise<readonly GrantDocument[]> {
  const { documents } = domain;
  const principal = await keptPrincipal(domain, name);
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

export async function retireGrant(domain: KmsDomain, scope: Scope, which: GrantName): Promise<void> {
  if ("grantId" in which) return revokeGrant(domain, scope, which.keyId, which.grantId);
  const found = await findGrant(domain, scope, which);
  if (found === undefined) throw new ServiceError("InvalidGrantTokenException", "The grant token is not valid.");
  await domain.documents.remove(GRANT, scopeKey(scope, `${found.grant.keyId}/${found.grant.id}`));
}

export async function findGrant(domain: KmsDomain, caller: Scope, which: GrantName): Promise<FoundGrant | undefined> {
  if ("grantId" in which) {
    const { scope, key, arn } = await findKey(domain, caller, which.keyId);
    const stored = await domain.documents.get<GrantDocument>(GRANT, scopeKey(scope, `${key.id}/${which.grantId}`));
    return stored && { arn, grant: stored.value };
  }
  for await (const { value } of all<GrantDocument>(domain.documents, GRANT, scopeKey(caller, ""))) {
    if (value.token === which.token) return { arn: keyArn(caller, value.keyId), grant: value };
  }
  return undefined;
}

export async function granteesOf({ documents }: KmsDomain, arn: string, use: GrantUse): Promise<readonly string[]> {
  const key = parseKeyArn(arn);
  if (key === undefined) return [];
  const grantees: string[] = [];
  for await (const { value } of all<GrantDocument>(documents, GRANT, scopeKey(key.scope, `${key.id}/`))) {
    if (allows(value, use)) grantees.push(value.grantee);
  }
  return grantees;
}

function allows({ operations, constraints }: GrantDocument, { operation, context, handedOn }: GrantUse): boolean {
  if (!operations.includes(operation)) return false;
  if (handedOn !== undefined) {
    return (
      handedOn.operations.every((each) => operations.includes(each)) && isTighter(handedOn.constraints, constraints)
    );
  }
  // AWS: constraints are about operations with an encryption context, and the others are not bound by them.
  if (context === undefined || constraints === undefined) return true;
  const { EncryptionContextEquals: equal, EncryptionContextSubset: subset } = constraints;
  return (equal === undefined || isDeepStrictEqual({ ...equal }, { ...context })) && includes(context, subset);
}

type Constraints = NonNullable<GrantDocument["constraints"]>;

/** Whatever meets the new ones meets the old ones as well. */
function isTighter(next: Constraints = {}, given: Constraints = {}): boolean {
  const { EncryptionContextEquals: equal, EncryptionContextSubset: subset } = given;
  if (equal !== undefined && !isDeepStrictEqual({ ...next.EncryptionContextEquals }, { ...equal })) return false;
  return includes({ ...next.EncryptionContextSubset, ...next.EncryptionContextEquals }, subset);
}

function includes(context: EncryptionContext, subset: EncryptionContext = {}): boolean {
  return Object.entries(subset).every(([name, value]) => Object.hasOwn(context, name) && context[name] === value);
}
