import { functionArn } from "../../base/arn.ts";
import type { Documents } from "../../store/contract.ts";
import { changeFunction } from "../documents.ts";
import { invalidParameter } from "../errors.ts";
import type { Permission, PolicyOwner } from "./contract.ts";
import { policyRevisionMismatch, statementExists } from "./errors.ts";
import { policyWrite, readOwner } from "./owner.ts";
import { statementOf } from "./statement.ts";
import { checkedLength, parsePolicy, type PolicyShape } from "./text.ts";

const empty: PolicyShape = { Version: "2012-10-17", Id: "default", Statement: [] };

/** `AddPermission` */
export async function add(documents: Documents, owner: PolicyOwner, permission: Permission): Promise<string> {
  const { scope, name, qualifier } = owner;
  refuseLatest(owner);
  return changeFunction(documents, scope, name, async (document) => {
    const current = await readOwner(documents, owner, document);
    if (permission.RevisionId !== undefined && permission.RevisionId !== current.revisionId) {
      throw policyRevisionMismatch();
    }
    const policy = current.policy ? parsePolicy(current.policy.value.text) : empty;
    const { StatementId = "" } = permission;
    if (policy.Statement.some(({ Sid }) => Sid === StatementId)) throw statementExists(StatementId);
    const statement = statementOf(scope, functionArn(scope, name, qualifier), permission);
    const text = checkedLength(JSON.stringify({ ...policy, Statement: [...policy.Statement, statement] }));
    const revision = current.revised();
    return {
      document: revision.document,
      writes: [...revision.writes, policyWrite(owner, current.policy, text)],
      result: JSON.stringify(statement),
    };
  });
}

/** A policy is that of the function as a whole, of a version or of an alias. */
export function refuseLatest({ qualifier }: PolicyOwner): void {
  if (qualifier === "$LATEST") throw invalidParameter("We currently do not support adding policies for $LATEST.");
}
