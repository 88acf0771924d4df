import type { Documents } from "../../store/contract.ts";
import { changeFunction } from "../documents.ts";
import type { PolicyOwner } from "./contract.ts";
import { policyNotFound, policyRevisionMismatch } from "./errors.ts";
import { policyRemoval, readOwner } from "./owner.ts";

/** `DeleteResourcePolicy` */
export async function deletePolicy(documents: Documents, owner: PolicyOwner, revisionId?: string): Promise<void> {
  await changeFunction(
    documents,
    owner.scope,
    owner.name,
    async (document) => {
      const current = await readOwner(documents, owner, document);
      if (!current.policy) throw policyNotFound();
      if (revisionId !== undefined && revisionId !== current.revisionId) throw policyRevisionMismatch();
      const revision = current.revised();
      const writes = [...revision.writes, policyRemoval(current.policy)];
      return { document: revision.document, writes, result: undefined };
    },
    policyNotFound,
  );
}
