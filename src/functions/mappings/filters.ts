/**
 * Filter patterns, checked as AWS checks them when a mapping is made: it has one sentence for everything that is wrong.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax
 */
import type { FilterCriteria } from "@aws-sdk/client-lambda";
import { invalidParameter } from "../errors.ts";

/** AWS's quota of an account that has not asked for more. */
const MAX_FILTERS = 5;
/** Levels of nested objects. A pattern has at most 4,096 characters, so this only bounds the recursion. */
const MAX_DEPTH = 100;

/** Throws InvalidParameterValueException. */
export function checkFilters(criteria: FilterCriteria): void {
  const filters = criteria.Filters ?? [];
  if (filters.length > MAX_FILTERS) {
    throw invalidParameter(`FilterCriteria has ${filters.length} filters, and the limit is ${MAX_FILTERS}.`);
  }
  if (!filters.every(({ Pattern }) => isPattern(Pattern))) throw invalidParameter("Invalid filter pattern definition.");
}

function isPattern(text: string | undefined): boolean {
  if (!text) return false;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return false;
  }
  return isRecord(value) && isNode(value, 0);
}

/** An object whose members are objects in turn, or lists of what their value may be. */
function isNode(node: Record<string, unknown>, depth: number): boolean {
  if (depth > MAX_DEPTH) return false;
  return Object.entries(node).every(([name, value]) => {
    if (name === "$or") return isAlternatives(value, depth);
    if (isRecord(value)) return isNode(value, depth + 1);
    return Array.isArray(value) && value.length > 0 && value.every(isMatch);
  });
}

function isAlternatives(value: unknown, depth: number): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((each) => isRecord(each) && isNode(each, depth + 1));
}

function isMatch(value: unknown): boolean {
  return isScalar(value) || (isRecord(value) && isComparison(value));
}

/** One operator with its operand. */
function isComparison(comparison: Record<string, unknown>): boolean {
  const [[operator, operand] = ["", undefined], ...rest] = Object.entries(comparison);
  const check = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  return rest.length === 0 && check !== undefined && check(operand);
}

const isText = (value: unknown): boolean => typeof value === "string";
/** Text, or text that is compared without regard to case. */
const isAffix = (value: unknown): boolean =>
  isText(value) ||
  (isRecord(value) && Object.keys(value).join() === "equals-ignore-case" && isText(value["equals-ignore-case"]));
const isListOf = (value: unknown, check: (entry: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(check);

const operators: Readonly<Record<string, (operand: unknown) => boolean>> = {
  prefix: isAffix,
  suffix: isAffix,
  "equals-ignore-case": isText,
  wildcard: isText,
  cidr: isText,
  exists: (operand) => typeof operand === "boolean",
  numeric: isNumericRange,
  "anything-but": isExclusion,
};

function isExclusion(operand: unknown): boolean {
  if (!isRecord(operand)) return isValue(operand) || isListOf(operand, isValue);
  const [[operator, inner] = ["", undefined], ...rest] = Object.entries(operand);
  return (
    rest.length === 0 &&
    ["prefix", "suffix", "equals-ignore-case", "wildcard"].includes(operator) &&
    (isText(inner) || isListOf(inner, isText))
  );
}

/** `["=", 1]`, `[">", 1]`, or a range with a lower bound before an upper one. */
function isNumericRange(operand: unknown): boolean {
  if (!Array.isArray(operand)) return false;
  const [first, low, second, high] = operand as unknown[];
  if (typeof low !== "number") return false;
  if (operand.length === 2) return ["=", "<", "<=", ">", ">="].includes(String(first));
  if (operand.length !== 4 || typeof high !== "number") return false;
  return [">", ">="].includes(String(first)) && ["<", "<="].includes(String(second)) && low < high;
}

function isValue(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number";
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value === "boolean" || isValue(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
