import type { Plan } from "../http/plan.ts";
import type { Session } from "../session.ts";
import { notFound } from "../http/reply.ts";

/**
 * `GET /kiln/2026-11-01/assignment`: Kiln's own. A pre-booted runtime asks this before it loads anything, and gets
 * `{"env":{…}}` when its jail has been given to a function. It is gone as soon as the runtime asks for an event.
 */
export function assignment(session: Session): Plan {
  if (!session.preboot || session.state !== "Started") return { kind: "reply", reply: notFound };
  return session.askAssignment();
}
