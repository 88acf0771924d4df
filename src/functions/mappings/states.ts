/**
 * The states that callers are shown. Event sources are not polled yet, so every mapping rests in `Disabled`: the answer
 * to a change shows the state on the way there that AWS shows, and says by the reason whose doing the rest is.
 *
 *   create, enabled     Creating  ─┐
 *   create, disabled    Disabled   │
 *   update              Updating  ─┼→ Disabled
 *   update to enabled   Enabling  ─┤
 *   update to disabled  Disabling ─┘
 *   delete              Deleting, then gone
 */
import type { MappingDocument, MappingView } from "./contract.ts";
import { sources } from "./sources.ts";

const notPolled = "Kiln does not poll event sources yet. The mapping is kept, and its function is not invoked by it.";

/** A mapping at rest. */
export function atRest(mapping: MappingDocument): MappingView {
  return {
    mapping,
    state: "Disabled",
    stateTransitionReason: mapping.enabled ? notPolled : sources[mapping.kind].ownDoing,
  };
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
