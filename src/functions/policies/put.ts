import type { Documents } from "../../store/contract.ts";
import { changeFunction } from "../documents.ts";
import { refuseLatest } from "./add.ts";
import { checkPolicy } from "./check-policy.ts";
import type { PolicyOwner, PolicyView } from "./contract.ts";
import { policyRevisionMismatch } from "./errors.ts";
import { policyWrite, readOwner } from "./owner.ts";
import { checkedLength } from "./text.ts";

/** `PutResourcePolicy` */
export async function put(
  documents: Documents,
  owner: PolicyOwner,
  policy: string,
  revisionId?: string,
): Promise<PolicyView> {
  refuseLatest(owner);
  checkPolicy(checkedLength(policy));
  return changeFunction(documents, owner.scope, owner.name, async (document) => {
    const current = await readOwner(documents, owner, document);
    if (revisionId !== undefined && revisionId !== current.revisionId) throw policyRevisionMismatch();
    const revision = current.revised();
    return {
      document: revision.document,
      writes: [...revision.writes, policyWrite(owner, current.policy, policy)],
      result: { policy, revisionId: revision.revisionId },
    };
  });
}
