/** One mistake that a caller can make, and how the API must answer it. Function `f` exists, with version 1. */
import type { TestApi } from "../api.ts";

export type Expected = Omit<Case, "title" | "send">;

export interface Case {
  title: string;
  send: (api: TestApi) => Promise<unknown>;
  status: number;
  code: string;
  message: string | RegExp;
}

export const invalid = { status: 400, code: "InvalidParameterValueException" };
export const violated = { status: 400, code: "ValidationException" };
export const missing = { status: 404, code: "ResourceNotFoundException" };
export const conflict = { status: 409, code: "ResourceConflictException" };
export const stale = { status: 412, code: "PreconditionFailedException" };

export const range = (value: string, member: string, rule: string) =>
  `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${rule}`;
export const lowest = (value: number) => `Member must have value greater than or equal to ${value}`;
export const highest = (value: number) => `Member must have value less than or equal to ${value}`;
export const mismatch = "The derived qualifier from the function name does not match the specified qualifier.";
export const unqualified =
  "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. " +
  "Please specify either a function name or an unqualified function ARN.";
export const revision =
  "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id";
