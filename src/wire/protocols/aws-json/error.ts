/** Errors of the AWS JSON protocols: the code in `__type`, 400 unless the model says otherwise. */
import type { ServiceError } from "../../../base/errors.ts";
import type { ErrorShape } from "../../schema/errors.ts";
import { frontDoorError } from "../front-door.ts";
import { requestIdHeader, type Answer } from "../protocol.ts";

export function writeJsonError(
  error: ServiceError,
  shape: ErrorShape | undefined,
  requestId: string,
  type: string,
  queryCodes: Readonly<Record<string, string>> | undefined,
): Answer {
  const body: Record<string, unknown> = { __type: error.code };
  for (const name of shape?.members.keys() ?? []) {
    if (error.members[name] !== undefined) body[name] = error.members[name];
  }
  if (error.message !== "") body[shape?.messageMember ?? "message"] = error.message;
  const status = statusOf(error, shape);
  const headers: Record<string, string> = { [requestIdHeader]: requestId, "content-type": type };
  if (queryCodes !== undefined) {
    const code = shape?.query?.code ?? queryCodes[error.code] ?? error.code;
    headers["x-amzn-query-error"] = `${code};${status < 500 ? "Sender" : "Receiver"}`;
  }
  return { status, headers, body: JSON.stringify(body) };
}

function statusOf(error: ServiceError, shape: ErrorShape | undefined): number {
  return shape?.status ?? (shape?.fault === "server" ? 500 : frontDoorError(error.code) ? 400 : error.status);
}
