import type { Plan } from "../http/plan.ts";
import { jsonReply, notFound } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import { accepted, wrongState, type Session } from "../session.ts";
import { errorType } from "./error-type.ts";
import { responseTooLarge, TOO_LARGE } from "./response.ts";

/** `POST /2018-06-01/runtime/restore/error`: a hook after the restore has failed. */
export function restoreError(session: Session, head: RequestHead, limitBytes: number): Plan {
  if (!session.snapshots) return { kind: "reply", reply: notFound };
  if (session.state !== "Restoring") return { kind: "reply", reply: wrongState(session, "RuntimeRestoreErrorState") };
  const type = errorType(head.headers.get("lambda-runtime-function-error-type"));
  session.state = "RuntimeRestoreErrorState";
  return {
    kind: "body",
    limitBytes,
    done(payload) {
      session.listener.restoreFailed({ type, payload });
      return accepted;
    },
    tooLarge() {
      session.listener.restoreFailed({ ...responseTooLarge(), type });
      return jsonReply(413, TOO_LARGE);
    },
    aborted() {
      session.state = "Restoring";
    },
  };
}
