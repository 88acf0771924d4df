/** The rules of one shape: what a value must satisfy, and the sentence in which AWS says so. */
import type { ConstraintShape } from "./table.ts";
import { renderNumber } from "./render.ts";

export interface Rule {
  readonly text: string;
  readonly holds: (value: unknown) => boolean;
}

/** Rules of a value by itself, in the order in which AWS reports several of them. */
export function rulesOf(shape: ConstraintShape, enumValues = shape.enum): Rule[] {
  return [...enumRule(shape, enumValues), ...patternRule(shape), ...boundRules(shape)];
}

/** The same for the entries of a list or a map, which AWS reports together, in another order. */
export function entryRulesOf(shape: ConstraintShape, enumValues = shape.enum): Rule[] {
  return [...boundRules(shape), ...patternRule(shape), ...enumRule(shape, enumValues)];
}

export const notNull = "Member must not be null";

function enumRule(shape: ConstraintShape, printed: readonly string[] | undefined): Rule[] {
  if (shape.enum === undefined) return [];
  const values = new Set<unknown>(shape.enum);
  return [
    {
      text: `Member must satisfy enum value set: [${(printed ?? shape.enum).join(", ")}]`,
      holds: (value) => values.has(value),
    },
  ];
}

/** Longer than any name or ARN that a model allows; a longer string is not shown to a regular expression. */
const maxPatternInput = 32 * 1024;

/**
 * The models' patterns are Java's. They mean the same in JavaScript, except that character properties need the `u` flag,
 * which in turn refuses classes such as `[a-zA-Z0-9-_]`: so only those patterns get it that need it.
 */
export function compilePattern(pattern: string): RegExp {
  // Java's way to say that a dot stands for line ends too.
  const dotAll = pattern.startsWith("(?s)");
  const flags = `${pattern.includes("\\p{") ? "u" : ""}${dotAll ? "s" : ""}`;
  return new RegExp(`^(?:${dotAll ? pattern.slice("(?s)".length) : pattern})$`, flags);
}

function patternRule(shape: ConstraintShape): Rule[] {
  const { pattern } = shape;
  if (pattern === undefined) return [];
  const expression = compilePattern(pattern);
  // A string that is too long is reported as such; what it looks like does not matter then.
  const longest = Math.min(shape.max ?? Infinity, maxPatternInput);
  return [
    {
      text: `Member must satisfy regular expression pattern: ${pattern}`,
      holds: (value) => {
        const text = String(value);
        if (text.length <= maxPatternInput) return expression.test(text);
        return shape.max !== undefined && text.length > longest;
      },
    },
  ];
}

function boundRules(shape: ConstraintShape): Rule[] {
  const { min, max } = shape;
  const measured = isNumber(shape) ? "value" : "length";
  const measure = isNumber(shape) ? Number : lengthOf;
  const rules: Rule[] = [];
  if (max !== undefined) {
    rules.push({
      text: `Member must have ${measured} less than or equal to ${renderNumber(max, shape.type)}`,
      holds: (value) => measure(value) <= max,
    });
  }
  if (min !== undefined) {
    rules.push({
      text: `Member must have ${measured} greater than or equal to ${renderNumber(min, shape.type)}`,
      holds: (value) => measure(value) >= min,
    });
  }
  return rules;
}

export function isNumber(shape: ConstraintShape): boolean {
  return shape.type === "integer" || shape.type === "long" || shape.type === "double" || shape.type === "float";
}

function lengthOf(value: unknown): number {
  if (typeof value === "string" || Array.isArray(value) || value instanceof Uint8Array) return value.length;
  return typeof value === "object" && value !== null ? Object.keys(value).length : 0;
}
