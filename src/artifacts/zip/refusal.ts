/** What AWS says about a zip that it does not take. All are InvalidParameterValueException. */
import { ServiceError } from "../../base/errors.ts";

function refuse(message: string, cause?: unknown): ServiceError {
  const members = { Type: "User" };
  return new ServiceError(
    "InvalidParameterValueException",
    message,
    cause === undefined ? { members } : { members, cause },
  );
}

/** Not a zip, or one that no honest tool makes. AWS does not say what is wrong; `reason` stays in the cause, for the log. */
export function badZip(reason: unknown): ServiceError {
  const cause = typeof reason === "string" ? new Error(reason) : reason;
  return refuse("Could not unzip uploaded file. Please check your file, then try to upload again.", cause);
}

export function emptyZip(): ServiceError {
  return refuse("Uploaded file must be a non-empty zip");
}

export function tooLargeUnzipped(limit: number): ServiceError {
  return refuse(`Unzipped size must be smaller than ${limit} bytes`);
}
