import { ServiceError } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";
import { removalsWithQualifier } from "../belongings.ts";
import { releaseProvisioned } from "../concurrency/provisioned.ts";
import { changeFunction, readFunction } from "../documents.ts";
import { ALIAS, aliasKey } from "../keys.ts";
import type { AliasesOptions } from "./aliases.ts";

/**
 * `DeleteAlias`. AWS answers as if it had done it when there is nothing to delete; the operation has no
 * ResourceNotFoundException (https://docs.aws.amazon.com/lambda/latest/api/API_DeleteAlias.html).
 */
export async function remove(
  { documents, forget }: AliasesOptions,
  scope: Scope,
  functionName: string,
  alias: string,
): Promise<void> {
  if (!(await readFunction(documents, scope, functionName))) return;
  const key = aliasKey(scope, functionName, alias);
  try {
    await changeFunction(documents, scope, functionName, async (before) => {
      if (!(await documents.get(ALIAS, key))) return { result: undefined };
      const belongings = await removalsWithQualifier(documents, scope, functionName, alias);
      const { document, writes } = await releaseProvisioned(documents, scope, before, alias);
      return { document, writes: [{ op: "remove", kind: ALIAS, key }, ...belongings, ...writes], result: undefined };
    });
  } catch (error) {
    // The whole function has gone meanwhile, and its aliases with it.
    if (!(error instanceof ServiceError) || error.code !== "ResourceNotFoundException") throw error;
  }
  forget(scope, functionName);
}
