/** Resource policies, put together. */
import type { Documents } from "../../store/contract.ts";
import { add } from "./add.ts";
import type { Policies } from "./contract.ts";
import { deletePolicy } from "./delete.ts";
import { get } from "./get.ts";
import type { PolicyTexts } from "./text-of.ts";
import { put } from "./put.ts";
import { remove } from "./remove.ts";

export function createPolicies(
  documents: Documents,
  texts: PolicyTexts,
  problemOf: (text: string) => string | undefined,
): Policies {
  return {
    add: (owner, permission) => add(documents, owner, permission),
    remove: (owner, statementId, revisionId) => remove(documents, owner, statementId, revisionId),
    get: (owner) => get(documents, owner),
    textOf: (functionArn) => texts.of(functionArn),
    put: (owner, policy, revisionId) => put(documents, problemOf, owner, policy, revisionId),
    delete: (owner, revisionId) => deletePolicy(documents, owner, revisionId),
  };
}
