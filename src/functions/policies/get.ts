import type { Documents } from "../../store/contract.ts";
import type { PolicyOwner, PolicyView } from "./contract.ts";
import { policyNotFound } from "./errors.ts";
import { findPolicy } from "./owner.ts";

/** `GetPolicy`, `GetResourcePolicy` */
export async function get(documents: Documents, owner: PolicyOwner): Promise<PolicyView> {
  const found = await findPolicy(documents, owner);
  if (!found) throw policyNotFound();
  return { policy: found.policy.text, revisionId: found.revisionId };
}
