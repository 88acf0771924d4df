/**
 * Inputs that break one rule of the API's model each: made of the constraint table, with the sentence that AWS's front
 * end answers. The sentences are written down here anew, so that a mistake in the checks is not repeated in their test.
 */
import { constraintTables } from "../../../src/wire/index.ts";
import type { ConstraintShape } from "../../../src/wire/constraints/table.ts";

export interface Violation {
  /** As AWS prints it: `functionName`, `code.zipFile`. */
  path: string;
  /** Members to lay over a right input. */
  input: Record<string, unknown>;
  sentence: string;
}

const table = constraintTables["lambda"] ?? { source: "", operations: {}, shapes: {} };
/** Longer texts are not worth their time; the rule is the same. */
const LONGEST = 70_000;
/** Structures within structures. */
const DEPTH = 5;

export function violationsOf(operation: string, labels: ReadonlySet<string>): Violation[] {
  const shape = table.shapes[table.operations[operation] ?? ""];
  if (shape === undefined) return [];
  return membersOf(shape, "", DEPTH, (member) => labels.has(member)).map(({ path, value, sentence }) => ({
    path,
    input: value as Record<string, unknown>,
    sentence,
  }));
}

interface Broken {
  path: string;
  value: unknown;
  sentence: string;
}

/** A path parameter is never absent or empty: the request would be another one. */
function membersOf(
  shape: ConstraintShape,
  path: string,
  depth: number,
  isLabel: (member: string) => boolean,
): Broken[] {
  return Object.entries(shape.members ?? {}).flatMap(([member, name]) => {
    const at = `${path === "" ? "" : `${path}.`}${member.charAt(0).toLowerCase()}${member.slice(1)}`;
    const required = (shape.required ?? []).includes(member) && !isLabel(member);
    return [
      ...(required ? [{ path: at, value: undefined, sentence: "Member must not be null" }] : []),
      ...valuesOf(name, at, depth).filter(({ value }) => !isLabel(member) || isLabelValue(value)),
    ].map((broken) => ({ ...broken, value: { [member]: broken.value } }));
  });
}

/** Characters; a longer path is refused before anything reads it. */
const LONGEST_LABEL = 4000;

function isLabelValue(value: unknown): boolean {
  if (typeof value === "string" && value.length > LONGEST_LABEL) return false;
  return value !== "" && !(typeof value === "string" && /^\.+$/.test(value));
}

function valuesOf(name: string, path: string, depth: number): Broken[] {
  const shape = table.shapes[name];
  if (shape === undefined) return [];
  const own = simpleValues(shape).map(({ value, sentence }) => ({ path, value, sentence }));
  if (depth === 0) return own;
  if (shape.members !== undefined) return [...own, ...membersOf(shape, path, depth - 1, () => false)];
  if (shape.member !== undefined) {
    const entry = table.shapes[shape.member];
    const inner = valuesOf(shape.member, entry?.members === undefined ? path : `${path}.1.member`, depth - 1);
    return [...own, ...inner.map((broken) => ({ ...broken, value: [broken.value] }))];
  }
  if (shape.value !== undefined) {
    const key = shape.key === undefined ? [] : simpleValues(table.shapes[shape.key] ?? { type: "string" });
    const entry = table.shapes[shape.value];
    const right = plainValue(shape.value);
    const inner = valuesOf(shape.value, entry?.members === undefined ? path : `${path}.k.member`, depth - 1);
    return [
      ...own,
      ...key.map(({ value, sentence }) => ({ path, value: { [String(value)]: right }, sentence })),
      ...inner.map((broken) => ({ ...broken, value: { k: broken.value } })),
    ];
  }
  return own;
}

/** A value of the type of this shape, so that a map of it can be sent at all. */
function plainValue(name: string): unknown {
  const type = table.shapes[name]?.type ?? "";
  if (type === "list") return [];
  return measures[type]?.word === "value" ? 0 : "v";
}

const measures: Readonly<Record<string, { word: string; make: (size: number, shape: ConstraintShape) => unknown }>> = {
  string: { word: "length", make: (size) => "a".repeat(size) },
  blob: { word: "length", make: (size) => Buffer.alloc(size) },
  list: {
    word: "length",
    make: (size, { member = "" }) =>
      Array.from({ length: size }, (_, index) => (table.shapes[member]?.members === undefined ? `a${index}` : {})),
  },
  map: {
    word: "length",
    make: (size, { value = "" }) =>
      Object.fromEntries(Array.from({ length: size }, (_, index) => [index, plainValue(value)])),
  },
  integer: { word: "value", make: (size) => size },
  long: { word: "value", make: (size) => size },
  double: { word: "value", make: (size) => size },
  float: { word: "value", make: (size) => size },
};

function simpleValues(shape: ConstraintShape): { value: unknown; sentence: string }[] {
  const { min, max, pattern, type } = shape;
  const found: { value: unknown; sentence: string }[] = [];
  const measure = measures[type];
  const isWhole = type === "integer" || type === "long";
  const shown = (bound: number) => (type === "double" || type === "float" ? bound.toFixed(1) : String(bound));
  if (measure !== undefined && max !== undefined && max < (isWhole ? 2 ** 31 - 1 : LONGEST)) {
    const sentence = `Member must have ${measure.word} less than or equal to ${shown(max)}`;
    found.push({ value: measure.make(max + 1, shape), sentence });
  }
  if (measure !== undefined && min !== undefined && (min > 0 || measure.word === "value")) {
    const sentence = `Member must have ${measure.word} greater than or equal to ${shown(min)}`;
    found.push({ value: measure.make(min - 1, shape), sentence });
  }
  if (pattern !== undefined) {
    const expression = new RegExp(`^(?:${pattern})$`);
    const wrong = ["!", "a b", "é", "-", "\u0001", "::"].find((text) => !expression.test(text));
    if (wrong !== undefined) {
      found.push({ value: wrong, sentence: `Member must satisfy regular expression pattern: ${pattern}` });
    }
  }
  // The order of the values is AWS's own.
  if (shape.enum !== undefined)
    found.push({ value: "none-of-them", sentence: "Member must satisfy enum value set: [" });
  return found;
}
