import type { Plan } from "../http/plan.ts";
import { jsonReply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import { accepted, invalidRequestId, wrongState, type Session } from "../session.ts";
import { errorType } from "./error-type.ts";
import { responseTooLarge, TOO_LARGE } from "./response.ts";

/** `POST /2018-06-01/runtime/invocation/{id}/error`: the function failed; the body goes to the caller as it is. */
export function error(session: Session, head: RequestHead, requestId: string, limitBytes: number): Plan {
  if (!session.isCurrent(requestId)) return { kind: "reply", reply: invalidRequestId };
  if (session.state !== "Running") return { kind: "reply", reply: wrongState(session, "InvocationErrorResponse") };
  const type = errorType(head.headers.get("lambda-runtime-function-error-type"));
  session.state = "InvocationErrorResponse";
  return {
    kind: "body",
    limitBytes,
    done(payload) {
      session.answered();
      session.listener.failed({ type, payload });
      return accepted;
    },
    tooLarge() {
      session.answered();
      session.listener.failed(responseTooLarge());
      return jsonReply(413, TOO_LARGE);
    },
    aborted() {
      session.state = "Running";
    },
  };
}
