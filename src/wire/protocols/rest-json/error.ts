/**
 * Errors as AWS Lambda sends them: the code in x-amzn-errortype, the shape's members in the body, and `Type` saying whose
 * fault it is. Errors that no model has (ValidationException, …) have a `message` only.
 */
import type { ServiceError } from "../../../base/errors.ts";
import type { ErrorShape } from "../../schema/errors.ts";
import { errorTypeHeader, requestIdHeader, type Answer } from "../protocol.ts";
import { textWriter } from "./text.ts";

export function writeRestError(error: ServiceError, shape: ErrorShape | undefined, requestId: string): Answer {
  const headers: Record<string, string> = {
    [requestIdHeader]: requestId,
    [errorTypeHeader]: error.code,
    "content-type": "application/json",
  };
  const body: Record<string, unknown> = {};
  for (const [name, member] of shape?.members ?? []) {
    const value = memberValue(name, error, shape);
    if (value === undefined || value === null) continue;
    const header = member.getMergedTraits().httpHeader;
    if (header) headers[header] = textWriter(member)(value);
    else body[name] = value;
  }
  if (shape?.messageMember === undefined) body["message"] = error.message;
  return { status: shape?.status ?? error.status, headers, body: JSON.stringify(body) };
}

function memberValue(name: string, error: ServiceError, shape: ErrorShape | undefined): unknown {
  if (name === shape?.messageMember) return error.message;
  return error.members[name] ?? (name === "Type" ? (shape?.fault === "server" ? "Service" : "User") : undefined);
}
