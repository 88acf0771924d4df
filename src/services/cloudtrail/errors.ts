/** What CloudTrail answers when it cannot. */
import { ServiceError } from "../../base/errors.ts";

export function invalid(code: string, message: string): ServiceError {
  return new ServiceError(code, message);
}

export function trailNotFound(arn: string, account: string): ServiceError {
  return new ServiceError("TrailNotFoundException", `Unknown trail: ${arn} for the user: ${account}`);
}

/** What Kiln does not have, so that nobody believes it was done. */
export function unsupported(what: string): ServiceError {
  return new ServiceError("UnsupportedOperationException", `Kiln's trails do not have ${what}.`);
}
