/** Keys themselves: made, listed, changed, deleted. */
import { randomBytes } from "node:crypto";
import { ServiceError } from "../base/errors.ts";
import { UnknownPrincipal } from "../base/principals.ts";
import { newId } from "../base/ids.ts";
import type { Scope } from "../base/scope.ts";
import type { FoundKey, KeyDocument, Material, Page, PageOptions } from "./contract.ts";
import { changeKey, isDue, type KmsDomain, requireNotDeleted } from "./domain.ts";
import { invalidState, malformedPolicy, validation } from "./errors.ts";
import { KEY, keyArn, scopeKey } from "./names.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const MAX_TAGS = 50;
/** https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html */
const MAX_POLICY_BYTES = 32 * 1024;

export function newMaterial(now: number, rotation?: Material["rotation"]): Material {
  const secret = randomBytes(32).toString("base64");
  return {
    id: randomBytes(32).toString("hex"),
    secret,
    createdAt: now,
    ...(rotation === undefined ? {} : { rotation }),
  };
}

export async function create(
  domain: KmsDomain,
  { account, region }: Scope,
  { description, policy, tags }: Pick<KeyDocument, "description" | "policy" | "tags">,
): Promise<FoundKey> {
  const { documents, clock } = domain;
  const scope = { account, region };
  const kept = await keptPolicy(domain, policy);
  requireTags(tags);
  const now = clock();
  const key: KeyDocument = {
    id: newId(),
    description,
    state: "Enabled",
    createdAt: now,
    policy: kept,
    tags,
    materials: [newMaterial(now)],
  };
  await documents.create(KEY, scopeKey(scope, key.id), key);
  return { scope, arn: keyArn(scope, key.id), key };
}

export async function list(
  { documents, clock }: KmsDomain,
  { account, region }: Scope,
  { limit, after }: PageOptions,
): Promise<Page<FoundKey>> {
  const scope = { account, region };
  const page = await documents.list<KeyDocument>(KEY, scopeKey(scope, ""), {
    limit,
    ...(after === undefined ? {} : { after: scopeKey(scope, after) }),
  });
  const items = page.items
    .filter(({ value }) => !isDue(value, clock()))
    .map(({ value }) => ({ scope, arn: keyArn(scope, value.id), key: value }));
  const last = page.items.at(-1)?.value.id;
  return { items, ...(page.next === undefined || last === undefined ? {} : { next: last }) };
}

export async function setEnabled(domain: KmsDomain, scope: Scope, keyId: string, enabled: boolean): Promise<void> {
  await changeKey(domain, scope, keyId, (found) => {
    requireNotDeleted(found);
    return { ...found.key, state: enabled ? "Enabled" : "Disabled" };
  });
}

export async function describe(domain: KmsDomain, scope: Scope, keyId: string, description: string): Promise<void> {
  await changeKey(domain, scope, keyId, (found) => {
    requireNotDeleted(found);
    return { ...found.key, description };
  });
}

export async function scheduleDeletion(
  domain: KmsDomain,
  scope: Scope,
  keyId: string,
  days: number,
): Promise<FoundKey> {
  return changeKey(domain, scope, keyId, (found) => {
    requireNotDeleted(found);
    return { ...found.key, state: "PendingDeletion", deletionAt: domain.clock() + days * DAY_MS };
  });
}

export async function cancelDeletion(domain: KmsDomain, scope: Scope, keyId: string): Promise<FoundKey> {
  return changeKey(domain, scope, keyId, ({ arn, key }) => {
    if (key.state !== "PendingDeletion") throw invalidState(arn, "not pending deletion");
    const { deletionAt: _dropped, ...rest } = key;
    return { ...rest, state: "Disabled" };
  });
}

export async function setPolicy(domain: KmsDomain, scope: Scope, keyId: string, policy: string): Promise<void> {
  const kept = await keptPolicy(domain, policy);
  await changeKey(domain, scope, keyId, ({ key }) => ({ ...key, policy: kept }));
}

export async function tag(
  domain: KmsDomain,
  scope: Scope,
  keyId: string,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  await changeKey(domain, scope, keyId, (found) => {
    requireNotDeleted(found);
    const next = { ...found.key.tags, ...tags };
    requireTags(next);
    return { ...found.key, tags: next };
  });
}

export async function untag(domain: KmsDomain, scope: Scope, keyId: string, names: readonly string[]): Promise<void> {
  await changeKey(domain, scope, keyId, (found) => {
    requireNotDeleted(found);
    const tags = Object.fromEntries(Object.entries(found.key.tags).filter(([name]) => !names.includes(name)));
    return { ...found.key, tags };
  });
}

/** Everybody in the account whose own policies allow it: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html */
export function defaultPolicy(partition: string, account: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Id: "key-default-1",
    Statement: [
      {
        Sid: "Enable IAM User Permissions",
        Effect: "Allow",
        Principal: { AWS: `arn:${partition}:iam::${account}:root` },
        Action: "kms:*",
        Resource: "*",
      },
    ],
  });
}

/** What could not be read would deny everything to everybody. */
async function keptPolicy({ policyProblem, principals }: KmsDomain, policy: string): Promise<string> {
  if (Buffer.byteLength(policy) > MAX_POLICY_BYTES)
    throw new ServiceError("LimitExceededException", "The policy is too long.");
  const problem = policyProblem(policy);
  if (problem !== undefined) throw malformedPolicy(problem);
  try {
    return await principals.kept(policy);
  } catch (error) {
    if (!(error instanceof UnknownPrincipal)) throw error;
    throw malformedPolicy("Policy contains a statement with one or more invalid principals.");
  }
}

function requireTags(tags: Readonly<Record<string, string>>): void {
  const names = Object.keys(tags);
  if (names.length > MAX_TAGS) throw new ServiceError("LimitExceededException", "Too many tags");
  const reserved = names.find((name) => name.toLowerCase().startsWith("aws:"));
  if (reserved !== undefined)
    throw new ServiceError("TagException", "aws: prefixed tag key names are not allowed for external use");
  if (names.includes("")) throw validation("A tag has a key.");
}
