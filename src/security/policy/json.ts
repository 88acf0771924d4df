/** The forms that a policy's JSON has. */
import { PolicyError } from "./document.ts";

export type Members = Readonly<Record<string, unknown>>;

export function syntax(): PolicyError {
  return new PolicyError("Syntax errors in policy.");
}

export function membersOf(value: unknown, known?: ReadonlySet<string>): Members {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw syntax();
  if (known !== undefined && Object.keys(value).some((name) => !known.has(name))) throw syntax();
  return value as Members;
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : value === undefined ? [] : [value];
}

/** One text, or a list of them. */
export function textsOf(value: unknown): string[] {
  const list = listOf(value);
  if (!list.every((each) => typeof each === "string")) throw syntax();
  return list;
}
