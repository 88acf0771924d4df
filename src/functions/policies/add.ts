import { functionArn } from "../../base/arn.ts";
import { UnknownPrincipal, type PrincipalNames } from "../../base/principals.ts";
import { changeFunction } from "../documents.ts";
import { invalidParameter } from "../errors.ts";
import type { Permission, PolicyOwner } from "./contract.ts";
import { policyRevisionMismatch, statementExists } from "./errors.ts";
import { policyWrite, readOwner } from "./owner.ts";
import type { PoliciesOptions } from "./policies.ts";
import { invalidPrincipal, statementOf, type Statement } from "./statement.ts";
import { checkedLength, parsePolicy, type PolicyShape } from "./text.ts";

const empty: PolicyShape = { Version: "2012-10-17", Id: "default", Statement: [] };

/** `AddPermission` */
export async function add(
  { documents, principals }: PoliciesOptions,
  owner: PolicyOwner,
  permission: Permission,
): Promise<string> {
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
    const kept = { ...statement, Principal: await keptPrincipal(principals, statement) };
    const text = JSON.stringify({ ...policy, Statement: [...policy.Statement, kept] });
    checkedLength(await principals.shown(text));
    const revision = current.revised();
    return {
      document: revision.document,
      writes: [...revision.writes, policyWrite(owner, current.policy, text)],
      result: JSON.stringify(statement),
    };
  });
}

async function keptPrincipal(principals: PrincipalNames, { Principal }: Statement): Promise<Statement["Principal"]> {
  if (typeof Principal === "string" || !("AWS" in Principal)) return Principal;
  try {
    return { AWS: await principals.keptName(Principal.AWS) };
  } catch (error) {
    throw error instanceof UnknownPrincipal ? invalidPrincipal() : error;
  }
}

/** A policy is that of the function as a whole, of a version or of an alias. */
export function refuseLatest({ qualifier }: PolicyOwner): void {
  if (qualifier === "$LATEST") throw invalidParameter("We currently do not support adding policies for $LATEST.");
}
