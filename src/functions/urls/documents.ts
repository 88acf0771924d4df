/**
 * Each URL is two documents, which are written and removed in one transaction: the URL itself below its function, and
 * an entry that leads from its id to it.
 */
import type { Scope } from "../../base/scope.ts";
import type { Documents, Stored, Write } from "../../store/contract.ts";
import type { Belonging } from "../belongings.ts";
import { functionKey } from "../keys.ts";
import type { FunctionUrl } from "./contract.ts";

/** `account/region/name/alias` → FunctionUrl; `$LATEST` in the place of the alias for the function itself. */
export const FUNCTION_URL = "function-url";
/** `id` → UrlEntry */
export const URL_ENTRY = "function-url-entry";

export interface UrlEntry {
  account: string;
  region: string;
  name: string;
  qualifier?: string;
}

export function urlPrefix(scope: Scope, name: string): string {
  return `${functionKey(scope, name)}/`;
}

export function urlKey(scope: Scope, name: string, qualifier: string | undefined): string {
  return `${urlPrefix(scope, name)}${qualifier ?? "$LATEST"}`;
}

export function readUrl(
  documents: Documents,
  scope: Scope,
  name: string,
  qualifier: string | undefined,
): Promise<Stored<FunctionUrl> | undefined> {
  return documents.get<FunctionUrl>(FUNCTION_URL, urlKey(scope, name, qualifier));
}

/** The writes that create a URL. */
export function creationOf(scope: Scope, url: FunctionUrl): Write[] {
  const { id, name, qualifier } = url;
  const entry: UrlEntry = { ...scope, name, ...(qualifier === undefined ? {} : { qualifier }) };
  return [
    { op: "create", kind: FUNCTION_URL, key: urlKey(scope, name, qualifier), value: url },
    { op: "create", kind: URL_ENTRY, key: id, value: entry },
  ];
}

/** The writes that remove this URL, as long as nobody changes it meanwhile. */
export function removalOf(stored: Stored<FunctionUrl>): Write[] {
  return [
    { op: "remove", kind: FUNCTION_URL, key: stored.key, version: stored.version },
    { op: "remove", kind: URL_ENTRY, key: stored.value.id },
  ];
}

/** A function URL goes with its function, and with its alias. */
export const urlBelonging: Belonging = {
  kind: FUNCTION_URL,
  perQualifier: true,
  along: (url) => [{ op: "remove", kind: URL_ENTRY, key: (url as FunctionUrl).id }],
};
