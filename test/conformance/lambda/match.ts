/** Comparing an answer with what it must look like. */
import assert from "node:assert/strict";

/**
 * An expression matches text, a function decides by itself; objects and lists must have the same members, no more and no
 * fewer, and members that are undefined or null are none.
 */
export function match(actual: unknown, expected: unknown, path = "answer"): void {
  if (expected instanceof RegExp) {
    assert.ok(typeof actual === "string", `${path} is no text: ${JSON.stringify(actual)}`);
    assert.match(actual, expected, path);
  } else if (typeof expected === "function") {
    assert.ok((expected as (value: unknown) => boolean)(actual), `${path}: ${JSON.stringify(actual)}`);
  } else if (isRecord(expected) && isRecord(actual)) {
    assert.deepEqual(membersOf(actual), membersOf(expected), `members of ${path}`);
    for (const name of membersOf(expected)) match(actual[name], expected[name], `${path}.${name}`);
  } else if (Array.isArray(expected) && Array.isArray(actual)) {
    assert.equal(actual.length, expected.length, `length of ${path}`);
    expected.forEach((entry, index) => match(actual[index], entry, `${path}.${index}`));
  } else {
    assert.deepEqual(actual, expected, path);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function membersOf(value: Record<string, unknown>): string[] {
  return Object.keys(value)
    .filter((name) => value[name] !== undefined && value[name] !== null)
    .toSorted();
}

export const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** AWS's `LastModified`. */
export const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/;
export const anything = (value: unknown): boolean => value !== undefined;
