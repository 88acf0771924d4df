import type { PolicyOwner, PolicyView } from "./contract.ts";
import { policyNotFound } from "./errors.ts";
import { findPolicy } from "./owner.ts";
import type { PoliciesOptions } from "./policies.ts";

/** `GetPolicy`, `GetResourcePolicy` */
export async function get({ documents, principals }: PoliciesOptions, owner: PolicyOwner): Promise<PolicyView> {
  const found = await findPolicy(documents, owner);
  if (!found) throw policyNotFound();
  return { policy: await principals.shown(found.policy.text), revisionId: found.revisionId };
}
