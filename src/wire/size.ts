/** How large a request of an operation may be, and AWS's words for one that is larger. */
import type { IncomingHttpHeaders } from "node:http";
import { ServiceError } from "../base/errors.ts";
import type { BodyRequest } from "../base/http/body.ts";
import { headerOf } from "./http/request.ts";
import type { BodyLimit, Observed } from "./observed/index.ts";

export interface SizeRule extends BodyRequest {
  /** For limits that depend on more than the operation; called with the whole body. Throws ServiceError. */
  checkWhole(length: number, headers: IncomingHttpHeaders): void;
}

export function sizeRule(observed: Observed, operation: string): SizeRule {
  const rule: BodyLimit = observed.bodyLimits[operation] ?? { bytes: observed.defaultBodyLimit };
  const printed = rule.printedName ?? operation;
  const message = `Request must be smaller than ${rule.bytes} bytes for the ${printed} operation`;
  const { when } = rule;
  return {
    limit: rule.bytes,
    tooLarge: () => tooLarge(message),
    checkWhole: (length, headers) => {
      if (when === undefined || length <= when.bytes || headerOf(headers, when.header) !== when.value) return;
      throw tooLarge(when.message(length, when.bytes));
    },
  };
}

/** The code that Lambda sends; its documents call it RequestTooLargeException. */
function tooLarge(message: string): ServiceError {
  return new ServiceError("RequestEntityTooLargeException", message, { status: 413 });
}
