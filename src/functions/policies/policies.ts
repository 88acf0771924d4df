/** Resource policies, put together. */
import type { PrincipalNames } from "../../base/principals.ts";
import type { Documents } from "../../store/contract.ts";
import { add } from "./add.ts";
import type { Policies } from "./contract.ts";
import { deletePolicy } from "./delete.ts";
import { get } from "./get.ts";
import type { PolicyTexts } from "./text-of.ts";
import { put } from "./put.ts";
import { remove } from "./remove.ts";

export interface PoliciesOptions {
  documents: Documents;
  texts: PolicyTexts;
  problemOf: (text: string) => string | undefined;
  principals: PrincipalNames;
}

export function createPolicies(options: PoliciesOptions): Policies {
  const { documents, texts } = options;
  return {
    add: (owner, permission) => add(options, owner, permission),
    remove: (owner, statementId, revisionId) => remove(documents, owner, statementId, revisionId),
    get: (owner) => get(options, owner),
    textOf: (functionArn) => texts.of(functionArn),
    put: (owner, policy, revisionId) => put(options, owner, policy, revisionId),
    delete: (owner, revisionId) => deletePolicy(documents, owner, revisionId),
  };
}
