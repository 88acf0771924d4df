/**
 * The states that callers are shown. The answer to a change shows the state on the way that AWS shows; the change itself is
 * done by then. A mapping of a source that Kiln does not poll yet rests in `Disabled`, and its reason says so.
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

const polled: ReadonlySet<SourceKind> = new Set(["sqs"]);
const notPolled =
  "Kiln does not poll event sources of this kind yet. The mapping is kept, and its function is not invoked by it.";

/** A mapping at rest. */
export function atRest(mapping: MappingDocument): MappingView {
  const { kind, enabled } = mapping;
  if (enabled && !polled.has(kind)) return { mapping, state: "Disabled", stateTransitionReason: notPolled };
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
