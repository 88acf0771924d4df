import { refuseTenants } from "../errors.ts";
import type { Scope } from "../../base/scope.ts";
import { changeFunction } from "../documents.ts";
import type { Domain } from "../domain.ts";
import { requireAlias } from "./alias.ts";
import type { FunctionUrl, UrlCreation } from "./contract.ts";
import { keptCors } from "./cors.ts";
import { creationOf, readUrl } from "./documents.ts";
import { noFunction, urlExists } from "./errors.ts";
import { newUrlId } from "./host.ts";

/** `CreateFunctionUrlConfig`. */
export async function createUrl(
  { documents, clock }: Domain,
  scope: Scope,
  name: string,
  qualifier: string | undefined,
  request: UrlCreation,
): Promise<FunctionUrl> {
  return changeFunction(
    documents,
    scope,
    name,
    async (document) => {
      if (await readUrl(documents, scope, name, qualifier)) throw urlExists(scope, name, qualifier);
      await requireAlias(documents, scope, name, qualifier);
      refuseTenants(document.latest.settings, "Function URLs are");
      const url = newUrl(name, qualifier, request, clock());
      return { document, writes: creationOf(scope, url), result: url };
    },
    noFunction,
  );
}

function newUrl(name: string, qualifier: string | undefined, request: UrlCreation, now: number): FunctionUrl {
  const cors = keptCors(request.Cors);
  return {
    id: newUrlId(),
    name,
    authType: request.AuthType ?? "AWS_IAM",
    createdAt: now,
    modifiedAt: now,
    ...(qualifier === undefined ? {} : { qualifier }),
    ...(cors === undefined ? {} : { cors }),
    ...(request.InvokeMode === undefined ? {} : { invokeMode: request.InvokeMode }),
  };
}
