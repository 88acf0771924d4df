/**
 * The states that callers are shown. The answer to a change shows the state on the way that AWS shows; the change itself is
 * done by then. A mapping of a source that is not polled rests in `Disabled`, and its reason says why.
 *
 *   create, enabled     Creating  ─┐
 *   create, disabled    Disabled   │
 *   update              Updating  ─┼→ Enabled or Disabled
 *   update to enabled   Enabling  ─┤
 *   update to disabled  Disabling ─┘
 *   delete              Deleting, then gone
 */
import type { MappingDocument, MappingView, SourceKind } from "./contract.ts";
import { sources } from "./sources.ts";

/** Why sources of a kind are not polled; undefined where they are. */
export type WhyNotPolled = (kind: SourceKind) => string | undefined;

const settingOf: Partial<Record<SourceKind, string>> = {
  kinesis: "KILN_KINESIS_ENDPOINT",
  dynamodb: "KILN_DYNAMODB_STREAMS_ENDPOINT",
};
const consequence = "The mapping is kept, and its function is not invoked by it.";

/** Where sources of these kinds are polled. */
export function whyNotPolled(polled: ReadonlySet<SourceKind>): WhyNotPolled {
  return (kind) => {
    if (polled.has(kind)) return undefined;
    const setting = settingOf[kind];
    if (setting === undefined) return `Kiln does not poll event sources of this kind yet. ${consequence}`;
    return `Kiln polls event sources of this kind where ${setting} names a server, and it does not. ${consequence}`;
  };
}

/** A mapping at rest. */
export function atRest(mapping: MappingDocument, why: WhyNotPolled): MappingView {
  const { kind, enabled } = mapping;
  const reason = enabled ? why(kind) : undefined;
  if (reason !== undefined) return { mapping, state: "Disabled", stateTransitionReason: reason };
  return inChange(mapping, enabled ? "Enabled" : "Disabled");
}

/** A mapping in the answer to the change that its owner makes. */
export function inChange(mapping: MappingDocument, state: MappingView["state"]): MappingView {
  return { mapping, state, stateTransitionReason: sources[mapping.kind].ownDoing };
}

export function created(mapping: MappingDocument): MappingView {
  return inChange(mapping, mapping.enabled ? "Creating" : "Disabled");
}

/** `wanted` is what the request says of being enabled. */
export function updated(before: MappingDocument, after: MappingDocument, wanted: boolean | undefined): MappingView {
  if (wanted === undefined || wanted === before.enabled) return inChange(after, "Updating");
  return inChange(after, wanted ? "Enabling" : "Disabling");
}
