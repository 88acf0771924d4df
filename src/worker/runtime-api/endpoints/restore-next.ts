import type { Plan } from "../http/plan.ts";
import { notFound } from "../http/reply.ts";
import { wrongState, type Session } from "../session.ts";

/**
 * `GET /2018-06-01/runtime/restore/next`: the runtime is initialised, has run its hooks before a snapshot, and is to be
 * answered when it has been restored
 * (https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-custom.html). Only where a snapshot is wanted.
 */
export function restoreNext(session: Session): Plan {
  if (!session.snapshots) return { kind: "reply", reply: notFound };
  switch (session.state) {
    case "Started":
    case "RestoreReady":
    case "Restoring":
      return session.askRestore();
    case "InitError":
    case "Ready":
    case "Running":
    case "InvocationResponse":
    case "InvocationErrorResponse":
    case "RuntimeResponseSentState":
    case "RuntimeRestoreErrorState":
      return { kind: "reply", reply: wrongState(session, "Ready") };
  }
}
