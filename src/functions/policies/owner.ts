/**
 * What a policy is attached to. A change of a policy gives its owner a new revision and writes the function's document,
 * in one transaction: so a policy is never attached to something that is being deleted.
 */
import { newId } from "../../base/ids.ts";
import type { Documents, Stored, Write } from "../../store/contract.ts";
import type { FunctionDocument } from "../contract.ts";
import { readFunction } from "../documents.ts";
import { ALIAS, POLICY, VERSION, aliasKey, isAliasName, qualifiedKey, versionKey } from "../keys.ts";
import { ownerNotFound } from "./errors.ts";
import type { PolicyDocument, PolicyOwner } from "./contract.ts";

/** The owner as it is stored, with its policy. */
export interface OwnedPolicy {
  document: FunctionDocument;
  revisionId: string;
  policy: Stored<PolicyDocument> | undefined;
  /** The documents of the owner with a new revision. */
  revised(): Revision;
}

export interface Revision {
  revisionId: string;
  document: FunctionDocument;
  writes: Write[];
}

export function policyKey({ scope, name, qualifier = "$LATEST" }: PolicyOwner): string {
  return qualifiedKey(scope, name, qualifier);
}

/** Throws ResourceNotFoundException when the function has no such version or alias. */
export async function readOwner(
  documents: Documents,
  owner: PolicyOwner,
  document: FunctionDocument,
): Promise<OwnedPolicy> {
  const { scope, name, qualifier = "$LATEST" } = owner;
  const policy = await documents.get<PolicyDocument>(POLICY, policyKey(owner));
  const { latest } = document;
  if (qualifier === "$LATEST") {
    const revised = (): Revision => {
      const revisionId = newId();
      return { revisionId, document: { ...document, latest: { ...latest, revisionId } }, writes: [] };
    };
    return { document, policy, revisionId: latest.revisionId, revised };
  }
  const kind = isAliasName(qualifier) ? ALIAS : VERSION;
  const key = kind === ALIAS ? aliasKey(scope, name, qualifier) : versionKey(scope, name, qualifier);
  const stored = key === undefined ? undefined : await documents.get<{ revisionId: string }>(kind, key);
  if (key === undefined || !stored) throw ownerNotFound(owner);
  const revised = (): Revision => {
    const revisionId = newId();
    const value = { ...stored.value, revisionId };
    return { revisionId, document, writes: [{ op: "replace", kind, key, value, version: stored.version }] };
  };
  return { document, policy, revisionId: stored.value.revisionId, revised };
}

/** Undefined when there is no such owner, or it has no policy. */
export async function findPolicy(
  documents: Documents,
  owner: PolicyOwner,
): Promise<{ policy: PolicyDocument; revisionId: string } | undefined> {
  const policy = await documents.get<PolicyDocument>(POLICY, policyKey(owner));
  const stored = policy && (await readFunction(documents, owner.scope, owner.name));
  if (!policy || !stored) return undefined;
  const { revisionId } = await readOwner(documents, owner, stored.value);
  return { policy: policy.value, revisionId };
}

/** The write that makes `text` the owner's policy. */
export function policyWrite(owner: PolicyOwner, before: Stored<PolicyDocument> | undefined, text: string): Write {
  const value: PolicyDocument = { text };
  return before
    ? { op: "replace", kind: POLICY, key: before.key, value, version: before.version }
    : { op: "create", kind: POLICY, key: policyKey(owner), value };
}

export function policyRemoval(policy: Stored<PolicyDocument>): Write {
  return { op: "remove", kind: POLICY, key: policy.key, version: policy.version };
}
