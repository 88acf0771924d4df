/** Failures of polling, as mappings show them in `LastProcessingResult`. */
import { messageOf } from "../base/errors.ts";

export const OK = "OK";
export const CALL_FAILED = "PROBLEM: Function call failed";

const GONE: ReadonlySet<string> = new Set([
  "ResourceNotFoundException",
  "QueueDoesNotExist",
  "AWS.SimpleQueueService.NonExistentQueue",
]);
const DENIED: ReadonlySet<string> = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "UnrecognizedClientException",
]);
const THROTTLED: ReadonlySet<string> = new Set([
  "LimitExceededException",
  "ProvisionedThroughputExceededException",
  "RequestThrottled",
  "ThrottlingException",
]);

/** `thrown` by a client of AWS's, on the way to its endpoint, or by Kiln's own queues. `what`: `stream` or `queue`. */
export function pollingProblem(thrown: unknown, what: string): string {
  const name = nameOf(thrown);
  return `PROBLEM: ${inWords(name, what)} ${name}: ${messageOf(thrown)}`.trimEnd().slice(0, 500);
}

function inWords(name: string, what: string): string {
  if (GONE.has(name)) return `The ${what} was not found.`;
  if (DENIED.has(name)) return `Cannot access ${what}.`;
  if (THROTTLED.has(name)) return `Reads of the ${what} are throttled.`;
  return "Connection error.";
}

export const isGone = (thrown: unknown): boolean => GONE.has(nameOf(thrown));
export const isDenied = (thrown: unknown): boolean => DENIED.has(nameOf(thrown));

export function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : "Error";
}
