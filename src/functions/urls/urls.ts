/** Function URLs, put together. */
import type { ListOptions } from "../contract.ts";
import type { Scope } from "../../base/scope.ts";
import { readFunction } from "../documents.ts";
import type { Domain } from "../domain.ts";
import { removeUrl, updateUrl } from "./change.ts";
import type { FunctionUrl, FunctionUrls, LocatedUrl, UrlListing } from "./contract.ts";
import { createUrl } from "./create.ts";
import { FUNCTION_URL, URL_ENTRY, readUrl, urlPrefix, type UrlEntry } from "./documents.ts";
import { noFunction, noUrl } from "./errors.ts";
import { isUrlId } from "./host.ts";

/** URLs that are kept in memory. */
const MAX_CACHED = 10_000;

export function createFunctionUrls(domain: Domain): FunctionUrls {
  const { documents } = domain;
  const cache = new Map<string, LocatedUrl>();
  // Counts changes, so that what was read before a change is not kept after it.
  let changes = 0;

  // Changes of URLs are rare and calls are not: every change empties the memory.
  const forget = (): void => {
    changes += 1;
    cache.clear();
  };
  const unwatch = documents.watch<FunctionUrl>(FUNCTION_URL, "", forget);

  async function find(id: string): Promise<LocatedUrl | undefined> {
    const cached = cache.get(id);
    if (cached || !isUrlId(id)) return cached;
    const before = changes;
    const entry = await documents.get<UrlEntry>(URL_ENTRY, id);
    if (!entry) return undefined;
    const { account, region, name, qualifier } = entry.value;
    const scope: Scope = { account, region };
    const stored = await readUrl(documents, scope, name, qualifier);
    // Between the two readings the URL may have been removed, and another one created.
    if (stored?.value.id !== id) return undefined;
    const located = { scope, url: stored.value };
    if (changes === before) {
      if (cache.size >= MAX_CACHED) cache.clear();
      cache.set(id, located);
    }
    return located;
  }

  async function list(scope: Scope, name: string, options: ListOptions): Promise<UrlListing> {
    if (!(await readFunction(documents, scope, name))) throw noFunction();
    const prefix = urlPrefix(scope, name);
    const { limit, after } = options;
    const page = await documents.list<FunctionUrl>(FUNCTION_URL, prefix, {
      limit,
      ...(after === undefined ? {} : { after: `${prefix}${after}` }),
    });
    const items = page.items.map(({ value }) => value);
    return page.next === undefined ? { items } : { items, next: page.next.slice(prefix.length) };
  }

  return {
    create: (scope, name, qualifier, request) => createUrl(domain, scope, name, qualifier, request),
    async get(scope, name, qualifier) {
      const stored = await readUrl(documents, scope, name, qualifier);
      if (!stored) throw noUrl();
      return stored.value;
    },
    async update(scope, name, qualifier, request) {
      const url = await updateUrl(domain, scope, name, qualifier, request);
      forget();
      return url;
    },
    async remove(scope, name, qualifier) {
      await removeUrl(domain, scope, name, qualifier);
      forget();
    },
    list,
    find,
    close: unwatch,
  };
}
