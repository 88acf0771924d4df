/**
 * Event patterns: does a record match
 * (https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax and
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html). Patterns have been checked
 * when their mapping was made. The time is bounded by the size of the pattern times the size of the record.
 */
import { isIP, BlockList } from "node:net";

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type JsonObject = { [name: string]: Json };

export type Pattern = { [name: string]: Pattern | Json[] };

export function matches(pattern: Pattern, record: Json | undefined): boolean {
  return Object.entries(pattern).every(([name, wanted]) => {
    if (name === "$or") return (wanted as unknown as Pattern[]).some((each) => matches(each, record));
    const present = isObject(record) && Object.hasOwn(record, name);
    const value = present ? record[name] : undefined;
    if (Array.isArray(wanted)) return wanted.some((rule) => matchesRule(rule, value));
    // A list of objects matches when one of them does.
    if (Array.isArray(value)) return value.some((each) => matches(wanted, each));
    return matches(wanted, value);
  });
}

/** `value` is undefined where the record has no such member. */
function matchesRule(rule: Json, value: Json | undefined): boolean {
  if (isObject(rule)) {
    const [[operator, operand] = ["", null]] = Object.entries(rule);
    if (operator === "exists") return operand === (value !== undefined && !isObject(value));
    if (value === undefined) return false;
    if (operator === "anything-but") {
      const all = Array.isArray(value) ? value : [value];
      return all.length > 0 && all.every((each) => !isObject(each) && !excluded(operand, each));
    }
    return anyOf(value, (each) => compares(operator, operand, each));
  }
  if (value === undefined) return false;
  return anyOf(value, (each) => each === rule);
}

function anyOf(value: Json, test: (each: Json) => boolean): boolean {
  return Array.isArray(value) ? value.some(test) : test(value);
}

function compares(operator: string, operand: Json, value: Json): boolean {
  switch (operator) {
    case "prefix":
      return affix(operand, value, (text, part) => text.startsWith(part));
    case "suffix":
      return affix(operand, value, (text, part) => text.endsWith(part));
    case "equals-ignore-case":
      return typeof value === "string" && value.toLowerCase() === textOf(operand).toLowerCase();
    case "wildcard":
      return typeof value === "string" && matchesWildcard(textOf(operand), value);
    case "cidr":
      return typeof value === "string" && inRange(textOf(operand), value);
    case "numeric":
      return typeof value === "number" && inBounds(operand as Json[], value);
    default:
      return false;
  }
}

/** What `anything-but` names. */
function excluded(operand: Json, value: Json): boolean {
  if (!isObject(operand)) return (Array.isArray(operand) ? operand : [operand]).includes(value);
  const [[operator, inner] = ["", null]] = Object.entries(operand);
  return (Array.isArray(inner) ? inner : [inner]).some((each) => compares(operator, each, value));
}

function affix(operand: Json, value: Json, test: (text: string, part: string) => boolean): boolean {
  if (typeof value !== "string") return false;
  if (isObject(operand)) return test(value.toLowerCase(), textOf(operand["equals-ignore-case"]).toLowerCase());
  return test(value, textOf(operand));
}

/**
 * `*` stands for any text, `\*` for an asterisk. Greedy with one point to go back to, so the time is at most the product of
 * both lengths.
 */
function matchesWildcard(pattern: string, text: string): boolean {
  const parts = [...pattern.matchAll(/\\[*\\]|[^]/gu)].map(([part]) =>
    part === "*" ? undefined : part.length === 2 && part.startsWith("\\") ? part.slice(1) : part,
  );
  const letters = Array.from(text);
  let at = 0;
  let part = 0;
  let star = -1;
  let resume = 0;
  while (at < letters.length) {
    if (part < parts.length && parts[part] === undefined) {
      star = part++;
      resume = at;
    } else if (part < parts.length && parts[part] === letters[at]) {
      part += 1;
      at += 1;
    } else if (star !== -1) {
      part = star + 1;
      at = ++resume;
    } else return false;
  }
  while (part < parts.length && parts[part] === undefined) part += 1;
  return part === parts.length;
}

function inRange(cidr: string, address: string): boolean {
  const [network = "", bits = ""] = cidr.split("/");
  const family = isIP(network) === 6 ? "ipv6" : "ipv4";
  if (isIP(network) === 0 || isIP(address) !== isIP(network) || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === "ipv6" ? 128 : 32)) return false;
  const range = new BlockList();
  range.addSubnet(network, Number(bits), family);
  return range.check(address, family);
}

function inBounds(bounds: readonly Json[], value: number): boolean {
  for (let each = 0; each + 1 < bounds.length; each += 2) {
    const bound = Number(bounds[each + 1]);
    const holds = {
      "=": value === bound,
      "<": value < bound,
      "<=": value <= bound,
      ">": value > bound,
      ">=": value >= bound,
    }[textOf(bounds[each])];
    if (holds !== true) return false;
  }
  return true;
}

/** Operands are texts where texts are wanted: patterns have been checked. */
function textOf(operand: Json | undefined): string {
  return typeof operand === "string" ? operand : "";
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
