import type { Plan } from "../http/plan.ts";
import { wrongState, type Session } from "../session.ts";

/** `GET /2018-06-01/runtime/invocation/next`: waits for an event. */
export function next(session: Session): Plan {
  switch (session.state) {
    case "InitError":
    case "InvocationResponse":
    case "InvocationErrorResponse":
    case "RestoreReady":
    case "RuntimeRestoreErrorState":
      return { kind: "reply", reply: wrongState(session, "Ready") };
    case "Started":
    case "Ready":
    case "Running":
    case "RuntimeResponseSentState":
    case "Restoring":
      return session.ask();
  }
}
