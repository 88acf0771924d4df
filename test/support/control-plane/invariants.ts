/** The invariants of the Lambda control plane: true of what is stored at every moment, whatever was called and killed. */
import {
  aliasesNameVersions,
  belongingsHaveOwners,
  concurrencyAddsUp,
  functionsAreWhole,
  phasesFit,
  urlsAreFoundByTheirIds,
  versionsBelongToFunctions,
} from "./functions.ts";
import {
  codeIsThere,
  codeSigningIsUsedBothWays,
  layerVersionsBelongToLayers,
  mappingsHoldTheirClaims,
  revisionsAreUnique,
  settledIsKnown,
  usedLayersWerePublished,
} from "./rest.ts";
import { stateOf, type State, type StoredDocument } from "./state.ts";

/** A kind of document that is new needs an invariant first. */
const kinds = new Set([
  "code-signing-config",
  "code-signing-use",
  "concurrency-ledger",
  "event-invoke-config",
  "event-source-claim",
  "event-source-mapping",
  "function",
  "function-alias",
  "function-counter",
  "function-policy",
  "function-url",
  "function-url-entry",
  "function-version",
  "iam-settled",
  "layer",
  "layer-version",
  "runtime-management-config",
  "queue",
  "secret",
]);

function kindsAreKnown(state: State): string[] {
  return [...state.kinds].filter((kind) => !kinds.has(kind)).map((kind) => `nothing is said of the kind ${kind}`);
}

const invariants: readonly ((state: State, blobs: ReadonlySet<string>) => string[])[] = [
  kindsAreKnown,
  functionsAreWhole,
  versionsBelongToFunctions,
  phasesFit,
  aliasesNameVersions,
  belongingsHaveOwners,
  urlsAreFoundByTheirIds,
  concurrencyAddsUp,
  layerVersionsBelongToLayers,
  usedLayersWerePublished,
  mappingsHoldTheirClaims,
  codeSigningIsUsedBothWays,
  revisionsAreUnique,
  settledIsKnown,
  codeIsThere,
];

/** What is not as it must be, in words. @param blobs Ids of the code that is stored. */
export function broken(documents: readonly StoredDocument[], blobs: ReadonlySet<string>): string[] {
  const state = stateOf(documents);
  return invariants.flatMap((invariant) => invariant(state, blobs).map((words) => `${invariant.name}: ${words}`));
}

/**
 * Kinds of which something may be left when all has been deleted: numbers that are never given again, secrets, queues, and
 * what was settled at a start.
 */
const lasting = new Set(["function-counter", "iam-settled", "layer", "secret", "queue", "concurrency-ledger"]);

export function leftBehind(documents: readonly StoredDocument[]): string[] {
  return documents.filter(({ kind }) => !lasting.has(kind)).map(({ kind, key }) => `${kind} ${key}`);
}
