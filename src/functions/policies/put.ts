import type { Documents } from "../../store/contract.ts";
import { changeFunction } from "../documents.ts";
import { invalidParameter } from "../errors.ts";
import { refuseLatest } from "./add.ts";
import type { PolicyOwner, PolicyView } from "./contract.ts";
import { policyRevisionMismatch } from "./errors.ts";
import { policyWrite, readOwner } from "./owner.ts";
import { checkedLength } from "./text.ts";

/** `PutResourcePolicy` */
export async function put(
  documents: Documents,
  problemOf: (text: string) => string | undefined,
  owner: PolicyOwner,
  policy: string,
  revisionId?: string,
): Promise<PolicyView> {
  refuseLatest(owner);
  const problem = problemOf(checkedLength(policy));
  if (problem !== undefined) throw invalidParameter(`The provided policy is invalid: ${problem}`);
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
