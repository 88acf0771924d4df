import { newId } from "../../base/ids.ts";
import type { Scope } from "../../base/scope.ts";
import { changeFunction } from "../documents.ts";
import { aliasAlreadyExists, functionNotFound } from "../errors.ts";
import { ALIAS, aliasKey } from "../keys.ts";
import type { AliasesOptions } from "./aliases.ts";
import type { AliasCreation, AliasDocument } from "./contract.ts";
import { checkVersions, requestedRouting } from "./routing.ts";

/** `CreateAlias` */
export async function create(
  { documents, forget }: AliasesOptions,
  scope: Scope,
  functionName: string,
  request: AliasCreation,
): Promise<AliasDocument> {
  const { Name = "", FunctionVersion = "", Description = "" } = request;
  const routing = requestedRouting(request.RoutingConfig);
  const alias: AliasDocument = {
    name: Name,
    functionVersion: FunctionVersion,
    description: Description,
    revisionId: newId(),
    ...(routing ? { routing } : {}),
  };
  const key = aliasKey(scope, functionName, Name);
  await changeFunction(
    documents,
    scope,
    functionName,
    async (document) => {
      await checkVersions(documents, scope, document, alias);
      if (await documents.get(ALIAS, key)) throw aliasAlreadyExists(scope, functionName, Name);
      return { document, writes: [{ op: "create", kind: ALIAS, key, value: alias }], result: undefined };
    },
    // AWS looks for the version first, and names it also when there is not even the function.
    () => functionNotFound(scope, functionName, FunctionVersion),
  );
  forget(scope, functionName);
  return alias;
}
