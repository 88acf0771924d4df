import type { Plan } from "../../runtime-api/http/plan.ts";
import type { Reply } from "../../runtime-api/http/reply.ts";
import type { RequestHead } from "../../runtime-api/http/request-head.ts";
import { transition, type Extensions } from "../extensions.ts";
import { forbidden, identify } from "./identify.ts";

/** `GET /2020-01-01/extension/event/next`: waits for INVOKE or SHUTDOWN; says that the extension is done with the last. */
export function next(extensions: Extensions, head: RequestHead): Plan {
  const extension = identify(extensions, head, (id) => `Unknown extension ${id}`);
  if ("refused" in extension) return { kind: "reply", reply: extension.refused };
  if (!extensions.mayAsk(extension)) {
    const message = transition(extension.state, "Ready", extension.id);
    return { kind: "reply", reply: forbidden("Extension.InvalidExtensionState", message) };
  }
  let sender: ((reply: Reply) => void) | undefined;
  return {
    kind: "wait",
    wasted: false,
    start(send) {
      sender = send;
      extensions.ask(extension, send);
    },
    cancelled() {
      if (sender !== undefined) extensions.cancelled(extension, sender);
    },
  };
}
