/** Making and moving versions: the only places where keys, revisions and phases are set. */
import { createHash } from "node:crypto";
import { newId } from "../base/ids.ts";
import type { Failure, FunctionDocument, FunctionVersion, Phase } from "./contract.ts";
import type { VersionSnapshot } from "./snap-start/contract.ts";
import { nextPhase, type PhaseEvent } from "./phases.ts";

export type VersionContent = Pick<FunctionVersion, "settings" | "code" | "layers" | "runtimeVersionArn">;

/** A version that did not exist before, with an identity of its own. */
export function newVersion(version: string, content: VersionContent, phase: Phase, now: number): FunctionVersion {
  return {
    version,
    key: newId(),
    revisionId: newId(),
    settings: content.settings,
    code: content.code,
    ...(content.layers === undefined ? {} : { layers: content.layers }),
    runtimeVersionArn: content.runtimeVersionArn,
    lastModified: now,
    phase,
  };
}

/** How a preparation ended. */
export type Prepared =
  | { failure: Failure }
  | { runtimeVersionArn?: string | undefined; snapshot?: VersionSnapshot; failure?: undefined };

/** The version after a preparation ended; undefined when none was under way. */
export function afterPreparation(version: FunctionVersion, prepared: Prepared): FunctionVersion | undefined {
  const { failure } = prepared;
  const event: PhaseEvent = failure ? "preparation-failed" : "prepared";
  const phase = nextPhase(version.phase, event);
  if (!phase) return undefined;
  const { failure: _old, ...before } = version;
  if (failure) return { ...before, phase, revisionId: newId(), failure };
  const { regenerating: _over, ...rest } = before;
  // Known from the start, except of an image that had to be built for it.
  const runtimeVersionArn = version.runtimeVersionArn || (prepared.runtimeVersionArn ?? "");
  const { snapshot } = prepared;
  return { ...rest, runtimeVersionArn, phase, revisionId: newId(), ...(snapshot && { snapshot }) };
}

/**
 * The document with new content for $LATEST, in the phase that the table says; undefined when an update is not possible
 * now. What served calls until now goes on doing so.
 */
export function withUpdate(
  document: FunctionDocument,
  content: VersionContent,
  now: number,
): FunctionDocument | undefined {
  const phase = nextPhase(document.latest.phase, "update");
  if (!phase) return undefined;
  const { serving: _old, ...rest } = document;
  const serving = servingVersion(document);
  return { ...rest, latest: newVersion("$LATEST", content, phase, now), ...(serving ? { serving } : {}) };
}

/** What a call of $LATEST runs; undefined when nothing can. */
export function servingVersion(document: FunctionDocument): FunctionVersion | undefined {
  return document.latest.phase === "ready" ? document.latest : document.serving;
}

/** The same for the same code, layers and settings, whoever wrote them when. */
export function fingerprint(version: FunctionVersion): string {
  return createHash("sha256")
    .update(canonical([version.settings, version.code.blob, version.layers ?? [], version.runtimeVersionArn]))
    .digest("base64url");
}

/** JSON with the members of every object in order, so that equal values have equal text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
