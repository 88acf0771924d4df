/**
 * The condition operators: each compares one value of the request with one value of the policy. A value that is not of the
 * operator's kind equals nothing.
 */
import { compilePattern, type Pattern } from "./pattern.ts";
import { parseIp, parseRange, within } from "./ip.ts";
import type { ConditionKeys } from "./context.ts";

/** Whether a value of the request is what the policy says. */
export type Comparison = (value: string, keys: ConditionKeys) => boolean;

export interface Operator {
  /** `…Not…`: true where no value of the policy compares; true also for keys that are not there. */
  readonly negated: boolean;
  prepare(value: string, variables: boolean): Comparison;
}

export const operators: Readonly<Record<string, Operator>> = {
  StringEquals: { negated: false, prepare: exactText },
  StringNotEquals: { negated: true, prepare: exactText },
  StringEqualsIgnoreCase: { negated: false, prepare: anyCase },
  StringNotEqualsIgnoreCase: { negated: true, prepare: anyCase },
  StringLike: { negated: false, prepare: likeText },
  StringNotLike: { negated: true, prepare: likeText },
  NumericEquals: numeric((a, b) => a === b),
  NumericNotEquals: { ...numeric((a, b) => a === b), negated: true },
  NumericLessThan: numeric((a, b) => a < b),
  NumericLessThanEquals: numeric((a, b) => a <= b),
  NumericGreaterThan: numeric((a, b) => a > b),
  NumericGreaterThanEquals: numeric((a, b) => a >= b),
  DateEquals: date((a, b) => a === b),
  DateNotEquals: { ...date((a, b) => a === b), negated: true },
  DateLessThan: date((a, b) => a < b),
  DateLessThanEquals: date((a, b) => a <= b),
  DateGreaterThan: date((a, b) => a > b),
  DateGreaterThanEquals: date((a, b) => a >= b),
  Bool: { negated: false, prepare: boolean },
  BinaryEquals: { negated: false, prepare: binary },
  IpAddress: { negated: false, prepare: address },
  NotIpAddress: { negated: true, prepare: address },
  ArnEquals: { negated: false, prepare: likeArn },
  ArnLike: { negated: false, prepare: likeArn },
  ArnNotEquals: { negated: true, prepare: likeArn },
  ArnNotLike: { negated: true, prepare: likeArn },
  /** Looks at whether the key is there: see `conditions.ts`. */
  Null: { negated: false, prepare: boolean },
};

function exactText(value: string, variables: boolean): Comparison {
  const pattern = compilePattern(value, { wildcards: false, variables });
  return (actual, keys) => pattern.resolve(keys) === actual;
}

function anyCase(value: string, variables: boolean): Comparison {
  const pattern = compilePattern(value, { wildcards: false, variables });
  return (actual, keys) => pattern.resolve(keys)?.toLowerCase() === actual.toLowerCase();
}

function likeText(value: string, variables: boolean): Comparison {
  const pattern = compilePattern(value, { wildcards: true, variables });
  return (actual, keys) => pattern.matches(actual, keys);
}

const decimal = /^[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?$/;

function readNumber(text: string): number {
  return decimal.test(text) ? Number(text) : Number.NaN;
}

function numeric(compare: (actual: number, wanted: number) => boolean): Operator {
  return {
    negated: false,
    prepare: (value) => {
      const wanted = readNumber(value);
      return (actual) => compare(readNumber(actual), wanted);
    },
  };
}

const isoDate = /^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2}))?)?)?$/;

/** W3C's forms of ISO 8601, or seconds since the epoch. */
function readDate(text: string): number {
  if (/^\d{5,}$/.test(text)) return Number(text) * 1000;
  return isoDate.test(text) ? Date.parse(text) : Number.NaN;
}

function date(compare: (actual: number, wanted: number) => boolean): Operator {
  return {
    negated: false,
    prepare: (value) => {
      const wanted = readDate(value);
      return (actual) => compare(readDate(actual), wanted);
    },
  };
}

function boolean(value: string): Comparison {
  const wanted = value.toLowerCase();
  if (wanted !== "true" && wanted !== "false") return () => false;
  return (actual) => actual.toLowerCase() === wanted;
}

function binary(value: string): Comparison {
  return (actual) => actual === value;
}

function address(value: string): Comparison {
  const range = parseRange(value);
  if (range === undefined) return () => false;
  // One client asks many times.
  let last: { readonly text: string; readonly inside: boolean } | undefined;
  return (actual) => {
    if (last?.text !== actual) {
      const ip = parseIp(actual);
      last = { text: actual, inside: ip !== undefined && within(ip, range) };
    }
    return last.inside;
  };
}

/** Each of the six parts by itself, so that no star reaches over a colon before the last part. */
function likeArn(value: string, variables: boolean): Comparison {
  const patterns = partsOfPattern(value)?.map((part): Pattern => compilePattern(part, { wildcards: true, variables }));
  if (patterns === undefined) return () => false;
  return (actual, keys) => {
    const parts = partsOfArn(actual);
    return parts !== undefined && patterns.every((pattern, i) => pattern.matches(parts[i] ?? "", keys));
  };
}

const arnParts = 6;

function partsOfArn(text: string): string[] | undefined {
  const parts = text.split(":");
  if (parts.length < arnParts) return undefined;
  return [...parts.slice(0, arnParts - 1), parts.slice(arnParts - 1).join(":")];
}

/** Colons inside of variables (`${aws:username}`) part nothing. A lone star is every ARN. */
function partsOfPattern(text: string): string[] | undefined {
  if (text === "*") return Array<string>(arnParts).fill("*");
  const hidden = text.replaceAll(/\$\{[^}]*\}/g, (found) => found.replaceAll(":", "\u0002"));
  return partsOfArn(hidden)?.map((part) => part.replaceAll("\u0002", ":"));
}
