/**
 * Finding the version that a call means. This is on the path of every call: a function that was called before is
 * answered from memory, at once, until one of its documents changes.
 */
import { functionArn } from "../base/arn.ts";
import type { Scope } from "../base/scope.ts";
import type { FunctionDirectory, Target } from "../invoke/contract.ts";
import type { Documents } from "../store/contract.ts";
import { assignmentOf, type AssignmentOptions } from "./assignment.ts";
import type { FunctionDocument, FunctionVersion } from "./contract.ts";
import { readFunction, readVersion } from "./documents.ts";
import { functionNotFound, wrongState } from "./errors.ts";
import { functionKey } from "./keys.ts";
import { servingVersion } from "./versions.ts";

export interface DirectoryOptions extends AssignmentOptions {
  documents: Documents;
  accountConcurrency: number;
}

export interface CachedDirectory extends FunctionDirectory {
  /** A document of this function has changed. */
  forget(key: string): void;
}

/** Functions that are kept in memory; the one that was loaded first goes first. */
const MAX_FUNCTIONS = 10_000;
/** Ways to name a version of one function that are kept. */
const MAX_QUALIFIERS = 100;

export function createDirectory(options: DirectoryOptions): CachedDirectory {
  const cache = new Map<string, Map<string, Target>>();
  // Counts changes, so that what was read before a change is not kept after it.
  let changes = 0;

  const keep = (key: string, qualifier: string, target: Target): void => {
    let targets = cache.get(key);
    if (!targets) {
      targets = new Map();
      cache.set(key, targets);
      dropFirst(cache, MAX_FUNCTIONS);
    }
    targets.set(qualifier, target);
    dropFirst(targets, MAX_QUALIFIERS);
  };

  const load = async (scope: Scope, name: string, qualifier: string | undefined, key: string): Promise<Target> => {
    const before = changes;
    const target = await find(options, scope, name, qualifier);
    if (changes === before) keep(key, qualifier ?? "", target);
    return target;
  };

  return {
    resolve(scope, name, qualifier) {
      const key = functionKey(scope, name);
      return cache.get(key)?.get(qualifier ?? "") ?? load(scope, name, qualifier, key);
    },
    accountConcurrency: () => options.accountConcurrency,
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

async function find(
  options: DirectoryOptions,
  scope: Scope,
  name: string,
  qualifier: string | undefined,
): Promise<Target> {
  const stored = await readFunction(options.documents, scope, name);
  // AWS names the qualifier that it looked for, also where the caller left it out.
  if (!stored) throw functionNotFound(scope, name, qualifier ?? "$LATEST");
  const document = stored.value;
  const version =
    qualifier === undefined || qualifier === "$LATEST"
      ? callableLatest(document)
      : await callableVersion(options.documents, scope, name, qualifier);
  return {
    functionName: name,
    version: version.version,
    invokedArn: functionArn(scope, name, qualifier),
    key: version.key,
    ...(document.reservedConcurrency === undefined ? {} : { reservedConcurrency: document.reservedConcurrency }),
    assignment: () => assignmentOf(options, scope, name, version),
  };
}

function callableLatest(document: FunctionDocument): FunctionVersion {
  const version = servingVersion(document);
  if (!version) throw wrongState(document.latest.phase);
  return version;
}

async function callableVersion(
  documents: Documents,
  scope: Scope,
  name: string,
  qualifier: string,
): Promise<FunctionVersion> {
  const stored = await readVersion(documents, scope, name, qualifier);
  if (!stored) throw functionNotFound(scope, name, qualifier);
  if (stored.value.phase !== "ready") throw wrongState(stored.value.phase);
  return stored.value;
}
