import type { Plan } from "../../runtime-api/http/plan.ts";
import { jsonReply } from "../../runtime-api/http/reply.ts";
import type { RequestHead } from "../../runtime-api/http/request-head.ts";
import { accepted } from "../../runtime-api/session.ts";
import { transition, type Extensions } from "../extensions.ts";
import { forbidden, identify } from "./identify.ts";

/** The description of the error is read, and kept nowhere, as on AWS. */
const BODY_BYTES = 1024 * 1024;
const HEADER = "Lambda-Extension-Function-Error-Type";

/**
 * `POST /2020-01-01/extension/init/error` and `…/exit/error`: an extension says that it cannot go on. It should exit then;
 * what failed is called after this report.
 */
export function reportError(extensions: Extensions, head: RequestHead, state: "InitError" | "ExitError"): Plan {
  const extension = identify(extensions, head, () => "Unknown Lambda-Extension-Identifier");
  if ("refused" in extension) return { kind: "reply", reply: extension.refused };
  const errorType = head.headers.get(HEADER.toLowerCase()) ?? "";
  if (errorType === "") {
    return { kind: "reply", reply: forbidden("Extension.MissingHeader", `${HEADER} not found`) };
  }
  return {
    kind: "body",
    limitBytes: BODY_BYTES,
    done() {
      const before = extension.state;
      if (extensions.fail(extension, state, errorType.slice(0, 256))) return accepted;
      const wanted = state === "InitError" ? "InitError" : "Exited";
      const message = transition(before, wanted, extension.id);
      return forbidden("Extension.InvalidExtensionState", message);
    },
    tooLarge: () => jsonReply(413, { errorMessage: "Request body is too large", errorType: "RequestEntityTooLarge" }),
    aborted: () => undefined,
  };
}
