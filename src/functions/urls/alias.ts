import type { Scope } from "../../base/scope.ts";
import type { Documents } from "../../store/contract.ts";
import { ALIAS, aliasKey } from "../keys.ts";
import { noFunction } from "./errors.ts";

/** Throws ResourceNotFoundException when the qualifier is no alias of the function. Without one there is nothing to find. */
export async function requireAlias(
  documents: Documents,
  scope: Scope,
  name: string,
  qualifier: string | undefined,
): Promise<void> {
  if (qualifier === undefined) return;
  if (!(await documents.get(ALIAS, aliasKey(scope, name, qualifier)))) throw noFunction();
}
