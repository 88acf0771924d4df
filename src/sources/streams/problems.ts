/** Failures of polling, as the mapping shows them. */
import { messageOf } from "../../base/errors.ts";

export const OK = "OK";
export const CALL_FAILED = "PROBLEM: Function call failed";

const words: Readonly<Record<string, string>> = {
  ResourceNotFoundException: "The stream was not found.",
  AccessDeniedException: "Cannot access stream.",
  UnrecognizedClientException: "Cannot access stream.",
  InvalidSignatureException: "Cannot access stream.",
  ProvisionedThroughputExceededException: "Reads of the stream are throttled.",
  LimitExceededException: "Reads of the stream are throttled.",
  ThrottlingException: "Reads of the stream are throttled.",
};

/** `thrown` by a client of AWS's, or on the way to its endpoint. */
export function pollingProblem(thrown: unknown): string {
  const name = nameOf(thrown);
  const known = Object.hasOwn(words, name) ? words[name] : undefined;
  return `PROBLEM: ${known ?? "Connection error."} ${name}: ${messageOf(thrown)}`.trimEnd().slice(0, 500);
}

export function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : "Error";
}
