/**
 * Finding the version that a call means. This is on the path of every call: a function that was called before is
 * answered from memory, at once, until one of its documents changes.
 */
import { functionArn } from "../base/arn.ts";
import { ServiceError } from "../base/errors.ts";
import { lineageId } from "../base/lineage.ts";
import type { Scope } from "../base/scope.ts";
import type { FunctionDirectory, Target } from "../invoke/contract.ts";
import type { Documents } from "../store/contract.ts";
import { provisionedTotal } from "./concurrency/ledger.ts";
import { provisionedVersions } from "./concurrency/qualifiers.ts";
import { assignmentOf, type AssignmentOptions } from "./assignment.ts";
import type { FunctionDocument, FunctionVersion } from "./contract.ts";
import { findQualified } from "./aliases/qualified.ts";
import { functionNotFound, snapStartNotReady, snapStartRegenerationFailed, wrongState } from "./errors.ts";
import { functionKey } from "./keys.ts";
import type { VersionSnapshots } from "./snap-start/snapshots.ts";
import { wantsSnapshot } from "./snap-start/wanted.ts";
import { servingVersion } from "./versions.ts";

export interface DirectoryOptions extends AssignmentOptions {
  documents: Documents;
  accountConcurrency: number;
  /** From 0 up to 1: which version of an alias a call goes to. */
  random(): number;
  /** Absent: this level of isolation has none. */
  snapshots: VersionSnapshots | undefined;
  /** What functions without a reservation cannot use of it. */
  reservedConcurrency(scope: Scope): number;
}

export interface CachedDirectory extends FunctionDirectory {
  /** A document of this function has changed. */
  forget(key: string): void;
}

/** What a qualifier leads to: one version, or two that share the calls of an alias. */
interface Route<T> {
  first: T;
  second?: T;
  /** Part of the calls that the second one gets, 0 to 1. */
  weight: number;
}

/** Functions that are kept in memory; the one that was loaded first goes first. */
const MAX_FUNCTIONS = 10_000;
/** Ways to name a version of one function that are kept. */
const MAX_QUALIFIERS = 100;

export function createDirectory(options: DirectoryOptions): CachedDirectory {
  const cache = new Map<string, Map<string, Route<Target>>>();
  // Counts changes, so that what was read before a change is not kept after it.
  let changes = 0;

  const keep = (key: string, qualifier: string, route: Route<Target>): void => {
    let routes = cache.get(key);
    if (!routes) {
      routes = new Map();
      cache.set(key, routes);
      dropFirst(cache, MAX_FUNCTIONS);
    }
    routes.set(qualifier, route);
    dropFirst(routes, MAX_QUALIFIERS);
  };

  const pick = <T>({ first, second, weight }: Route<T>): T =>
    second !== undefined && options.random() < weight ? second : first;

  const load = async (scope: Scope, name: string, qualifier: string | undefined, key: string): Promise<Target> => {
    const before = changes;
    const route = await find(options, scope, name, qualifier);
    if (changes === before && isCallable(route)) keep(key, qualifier ?? "", route);
    const target = pick(route);
    if (target instanceof ServiceError) throw target;
    return target;
  };

  return {
    resolve(scope, name, qualifier) {
      const key = functionKey(scope, name);
      const route = cache.get(key)?.get(qualifier ?? "");
      return route ? pick(route) : load(scope, name, qualifier, key);
    },
    accountConcurrency: () => options.accountConcurrency,
    reservedConcurrency: (scope) => options.reservedConcurrency(scope),
    forget(key) {
      changes += 1;
      cache.delete(key);
    },
  };
}

function dropFirst(map: Map<string, unknown>, max: number): void {
  if (map.size <= max) return;
  for (const first of map.keys()) {
    map.delete(first);
    return;
  }
}

function isCallable(route: Route<Target | ServiceError>): route is Route<Target> {
  return !(route.first instanceof ServiceError || route.second instanceof ServiceError);
}

/** A version that cannot be called now has the error in its place: the other version of an alias may be callable. */
async function find(
  options: DirectoryOptions,
  scope: Scope,
  name: string,
  qualifier: string | undefined,
): Promise<Route<Target | ServiceError>> {
  const found = await findQualified(options.documents, scope, name, qualifier);
  // AWS names the qualifier that it looked for, also where the caller left it out.
  if (!found) throw functionNotFound(scope, name, qualifier ?? "$LATEST");
  const { document, version, second, alias } = found;
  const concurrency = await concurrencyOf(options.documents, scope, document);
  const recursion = { id: lineageId(scope, name), terminate: document.recursiveLoop !== "Allow" };
  const targetOf = (wanted: FunctionVersion): Target | ServiceError => {
    const callable = wanted.version === "$LATEST" ? servingVersion(document) : readyVersion(wanted);
    if (!callable) return notCallable(options, wanted);
    return {
      functionName: name,
      version: callable.version,
      invokedArn: functionArn(scope, name, qualifier),
      key: callable.key,
      ...concurrency(callable.version),
      ...(callable.settings.TenancyConfig === undefined ? {} : { perTenant: true }),
      recursion,
      assignment: () =>
        options.snapshots?.assignment({ scope, name, version: callable }) ??
        assignmentOf(options, scope, name, callable),
    };
  };
  return {
    first: targetOf(version),
    ...(second ? { second: targetOf(second) } : {}),
    weight: alias?.routing?.weight ?? 0,
  };
}

function readyVersion(version: FunctionVersion): FunctionVersion | undefined {
  return version.phase === "ready" ? version : undefined;
}

/** AWS has words of its own for a version that waits for its snapshot. */
function notCallable({ snapshots }: DirectoryOptions, version: FunctionVersion): ServiceError {
  if (snapshots === undefined || !wantsSnapshot(version)) return wrongState(version.phase);
  if (version.phase === "creating") return snapStartNotReady();
  return version.regenerating ? snapStartRegenerationFailed() : wrongState(version.phase);
}

/** What a target says of concurrency, by version. */
type ConcurrencyOf = (
  version: string,
) => Pick<Target, "reservedConcurrency" | "provisionedConcurrency" | "provisionedTotal">;

async function concurrencyOf(documents: Documents, scope: Scope, document: FunctionDocument): Promise<ConcurrencyOf> {
  const { reservedConcurrency } = document;
  const reserved = reservedConcurrency === undefined ? {} : { reservedConcurrency };
  if (document.provisioned === undefined) return () => reserved;
  const all = await provisionedVersions(documents, scope, document);
  const total = provisionedTotal(document);
  return (version) => {
    const own = all.find((each) => each.version === version);
    return {
      ...reserved,
      ...(own === undefined ? {} : { provisionedConcurrency: own.count }),
      provisionedTotal: total,
    };
  };
}
