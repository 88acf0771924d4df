/** Values as JSON for people: without bytes, without what shapes call sensitive, members as CloudTrail spells them. */
import type { Shape } from "./operation.ts";

/** What stands for a sensitive value. */
const HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS";

/** Nesting that is shown; JSON of requests is bounded, and so is what operations answer. */
const DEPTH = 32;

/** Undefined for what is not shown at all: bytes and streams. */
export function shownValue(shape: Shape, value: unknown, depth = 0): unknown {
  if (value === undefined || value === null || depth > DEPTH) return undefined;
  const traits = shape.getMergedTraits();
  if (shape.isBlobSchema() || traits.streaming !== undefined) return undefined;
  if (traits.sensitive !== undefined) return HIDDEN;
  if (value instanceof Date) return value.toISOString();
  if (shape.isListSchema() && Array.isArray(value)) {
    const member = shape.getValueSchema();
    return value.map((entry) => shownValue(member, entry, depth + 1) ?? null);
  }
  if (shape.isMapSchema() && typeof value === "object") {
    const member = shape.getValueSchema();
    return fromEntries(Object.entries(value).map(([key, entry]) => [key, shownValue(member, entry, depth + 1)]));
  }
  if (shape.isStructSchema() && typeof value === "object") {
    const given = value as Record<string, unknown>;
    return fromEntries(
      [...shape.structIterator()].map(([name, member]) => [spelled(name), shownValue(member, given[name], depth + 1)]),
    );
  }
  return ["string", "number", "boolean"].includes(typeof value) ? value : undefined;
}

/** `FunctionName` is `functionName`. */
function spelled(name: string): string {
  return name.slice(0, 1).toLowerCase() + name.slice(1);
}

function fromEntries(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
