import type { Plan } from "../http/plan.ts";
import { jsonReply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import { accepted, wrongState, type Session } from "../session.ts";
import { errorType } from "./error-type.ts";
import { responseTooLarge, TOO_LARGE } from "./response.ts";

/** `POST /2018-06-01/runtime/init/error`: the runtime could not load the function. */
export function initError(session: Session, head: RequestHead, limitBytes: number): Plan {
  if (session.state !== "Started") return { kind: "reply", reply: wrongState(session, "InitError") };
  const type = errorType(head.headers.get("lambda-runtime-function-error-type"));
  session.state = "InitError";
  return {
    kind: "body",
    limitBytes,
    done(payload) {
      session.listener.initFailed({ type, payload });
      return accepted;
    },
    tooLarge() {
      session.listener.initFailed({ ...responseTooLarge(), type });
      return jsonReply(413, TOO_LARGE);
    },
    aborted() {
      session.state = "Started";
    },
  };
}
