/** Reading functions: one, all, and the versions of one. */
import type { Scope } from "../base/scope.ts";
import type { Documents } from "../store/contract.ts";
import type { FunctionDocument, FunctionView, FunctionVersion, ListOptions, Listing, VersionView } from "./contract.ts";
import { findQualified } from "./aliases/qualified.ts";
import { readFunction, walk } from "./documents.ts";
import { functionNotFound } from "./errors.ts";
import { FUNCTION, VERSION, functionKey, scopePrefix, versionPrefix } from "./keys.ts";

/** `GetFunction`: $LATEST, or the version that the qualifier names, directly or as an alias of it. */
export async function get(documents: Documents, scope: Scope, name: string, qualifier?: string): Promise<FunctionView> {
  const found = await findQualified(documents, scope, name, qualifier);
  if (!found) throw functionNotFound(scope, name, qualifier);
  const { tags, reservedConcurrency } = found.document;
  return { name, version: found.version, tags, ...(reservedConcurrency === undefined ? {} : { reservedConcurrency }) };
}

/** `ListFunctions`: $LATEST of every function, in the order of names, each followed by its versions when all are wanted. */
export async function list(
  documents: Documents,
  scope: Scope,
  options: ListOptions & { allVersions: boolean },
): Promise<Listing> {
  return pageOf(everyVersion(documents, scope, options.allVersions, options.after), options.limit);
}

/** `ListVersionsByFunction`: $LATEST, then the published versions in order. */
export async function listVersions(
  documents: Documents,
  scope: Scope,
  name: string,
  options: ListOptions,
): Promise<Listing> {
  const stored = await readFunction(documents, scope, name);
  if (!stored) throw functionNotFound(scope, name);
  return pageOf(versionsOf(documents, scope, stored.value, options.after), options.limit);
}

interface Position {
  /** What the next page continues after: a function name, with a version number when it is one. */
  mark: string;
  view: VersionView;
}

async function pageOf(positions: AsyncGenerator<Position>, limit: number): Promise<Listing> {
  const items: VersionView[] = [];
  let last = "";
  for await (const { mark, view } of positions) {
    if (items.length === limit) return { items, next: last };
    items.push(view);
    last = mark;
  }
  return { items };
}

async function* everyVersion(
  documents: Documents,
  scope: Scope,
  allVersions: boolean,
  after: string | undefined,
): AsyncGenerator<Position> {
  const [name, version] = after?.split("/") ?? [];
  if (allVersions && name !== undefined) {
    const stored = await readFunction(documents, scope, name);
    if (stored) yield* publishedOf(documents, scope, name, version);
  }
  const from = name === undefined ? undefined : functionKey(scope, name);
  for await (const { value } of walk<FunctionDocument>(documents, FUNCTION, scopePrefix(scope), from)) {
    yield { mark: value.name, view: { name: value.name, version: value.latest } };
    if (allVersions) yield* publishedOf(documents, scope, value.name, undefined);
  }
}

async function* versionsOf(
  documents: Documents,
  scope: Scope,
  document: FunctionDocument,
  after: string | undefined,
): AsyncGenerator<Position> {
  const { name } = document;
  if (after === undefined) yield { mark: name, view: { name, version: document.latest } };
  yield* publishedOf(documents, scope, name, after?.split("/")[1]);
}

async function* publishedOf(
  documents: Documents,
  scope: Scope,
  name: string,
  after: string | undefined,
): AsyncGenerator<Position> {
  const prefix = versionPrefix(scope, name);
  const from = after === undefined ? undefined : `${prefix}${after}`;
  for await (const { key, value } of walk<FunctionVersion>(documents, VERSION, prefix, from)) {
    yield { mark: `${name}/${key.slice(prefix.length)}`, view: { name, version: value } };
  }
}
