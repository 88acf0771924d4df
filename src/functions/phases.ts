/**
 * The life of a version, as a table. AWS shows it in two groups of members, State… and LastUpdateStatus…
 * (https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html); here it is one phase, so that no impossible
 * pair of them can be stored.
 */
import type { Phase } from "./contract.ts";

export type PhaseEvent = "prepared" | "preparation-failed" | "update" | "regenerate";

/**
 * A missing entry means that the event does not happen in that phase. A function whose creation failed has nothing that
 * could serve calls, so an update of it is a new attempt at creating. A published version is never updated, but the snapshot
 * that it is made of may have to be taken anew: nothing serves its calls meanwhile.
 */
const table: Record<Phase, Partial<Record<PhaseEvent, Phase>>> = {
  creating: { prepared: "ready", "preparation-failed": "failed" },
  ready: { update: "updating", regenerate: "creating" },
  updating: { prepared: "ready", "preparation-failed": "update-failed" },
  "update-failed": { update: "updating" },
  failed: { update: "creating", regenerate: "creating" },
};

/** The phase after the event; undefined when the event is not possible now. */
export function nextPhase(phase: Phase, event: PhaseEvent): Phase | undefined {
  return table[phase][event];
}

/** Whether a preparation of this version has to end before anything else can happen to it. */
export function isBusy(phase: Phase): boolean {
  return phase === "creating" || phase === "updating";
}
