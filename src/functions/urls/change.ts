import type { Scope } from "../../base/scope.ts";
import { readFunction, tryBatch } from "../documents.ts";
import type { Domain } from "../domain.ts";
import { updateInProgress } from "../errors.ts";
import { requireAlias } from "./alias.ts";
import type { FunctionUrl, UrlChange } from "./contract.ts";
import { keptCors } from "./cors.ts";
import { FUNCTION_URL, readUrl, removalOf } from "./documents.ts";
import { noFunction, noUrl } from "./errors.ts";

const ATTEMPTS = 32;

/** `UpdateFunctionUrlConfig`: what the request leaves out stays; CORS settings are replaced as a whole. */
export async function updateUrl(
  domain: Domain,
  scope: Scope,
  name: string,
  qualifier: string | undefined,
  request: UrlChange,
): Promise<FunctionUrl> {
  if (!(await readFunction(domain.documents, scope, name))) throw noFunction();
  await requireAlias(domain.documents, scope, name, qualifier);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const stored = await readUrl(domain.documents, scope, name, qualifier);
    if (!stored) throw noUrl();
    const { key, version } = stored;
    const value = changed(stored.value, request, domain.clock());
    if (await tryBatch(domain.documents, [{ op: "replace", kind: FUNCTION_URL, key, value, version }])) return value;
  }
  throw updateInProgress(scope, name);
}

/** `DeleteFunctionUrlConfig`. */
export async function removeUrl(
  domain: Domain,
  scope: Scope,
  name: string,
  qualifier: string | undefined,
): Promise<FunctionUrl> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const stored = await readUrl(domain.documents, scope, name, qualifier);
    if (!stored) throw noUrl();
    if (await tryBatch(domain.documents, removalOf(stored))) return stored.value;
  }
  throw updateInProgress(scope, name);
}

function changed(url: FunctionUrl, request: UrlChange, now: number): FunctionUrl {
  const { cors: current, ...rest } = url;
  const cors = request.Cors === undefined ? current : keptCors(request.Cors);
  return {
    ...rest,
    modifiedAt: now,
    ...(request.AuthType === undefined ? {} : { authType: request.AuthType }),
    ...(request.InvokeMode === undefined ? {} : { invokeMode: request.InvokeMode }),
    ...(cors === undefined ? {} : { cors }),
  };
}
