import { UnknownPrincipal } from "../../base/principals.ts";
import { changeFunction } from "../documents.ts";
import { invalidParameter } from "../errors.ts";
import { refuseLatest } from "./add.ts";
import type { PolicyOwner, PolicyView } from "./contract.ts";
import { policyRevisionMismatch } from "./errors.ts";
import { policyWrite, readOwner } from "./owner.ts";
import type { PoliciesOptions } from "./policies.ts";
import { checkedLength } from "./text.ts";

/** `PutResourcePolicy` */
export async function put(
  { documents, problemOf, principals }: PoliciesOptions,
  owner: PolicyOwner,
  policy: string,
  revisionId?: string,
): Promise<PolicyView> {
  refuseLatest(owner);
  const problem = problemOf(checkedLength(policy));
  if (problem !== undefined) throw invalidPolicy(problem);
  const kept = await principals.kept(policy).catch((error: unknown) => {
    throw error instanceof UnknownPrincipal ? invalidPolicy(error.message) : error;
  });
  return changeFunction(documents, owner.scope, owner.name, async (document) => {
    const current = await readOwner(documents, owner, document);
    if (revisionId !== undefined && revisionId !== current.revisionId) throw policyRevisionMismatch();
    const revision = current.revised();
    return {
      document: revision.document,
      writes: [...revision.writes, policyWrite(owner, current.policy, kept)],
      result: { policy, revisionId: revision.revisionId },
    };
  });
}

function invalidPolicy(problem: string): Error {
  return invalidParameter(`The provided policy is invalid: ${problem}`);
}
