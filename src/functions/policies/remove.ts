import type { Documents } from "../../store/contract.ts";
import { changeFunction } from "../documents.ts";
import type { PolicyOwner } from "./contract.ts";
import { noPolicyAttached, noPolicyOfFunction, policyRevisionMismatch, statementNotFound } from "./errors.ts";
import { policyRemoval, policyWrite, readOwner } from "./owner.ts";
import { parsePolicy } from "./text.ts";

/** `RemovePermission` */
export async function remove(
  documents: Documents,
  owner: PolicyOwner,
  statementId: string,
  revisionId?: string,
): Promise<void> {
  await changeFunction(
    documents,
    owner.scope,
    owner.name,
    async (document) => {
      const current = await readOwner(documents, owner, document);
      if (!current.policy) throw noPolicyAttached();
      const policy = parsePolicy(current.policy.value.text);
      const left = policy.Statement.filter(({ Sid }) => Sid !== statementId);
      if (left.length === policy.Statement.length) throw statementNotFound(statementId);
      if (revisionId !== undefined && revisionId !== current.revisionId) throw policyRevisionMismatch();
      const revision = current.revised();
      const write =
        left.length === 0
          ? policyRemoval(current.policy)
          : policyWrite(owner, current.policy, JSON.stringify({ ...policy, Statement: left }));
      return { document: revision.document, writes: [...revision.writes, write], result: undefined };
    },
    () => noPolicyOfFunction(owner),
  );
}
