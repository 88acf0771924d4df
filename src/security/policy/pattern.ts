/**
 * Texts with `*`, `?` and variables, prepared once. Matching goes back to the last star only, so that its time is at most
 * the product of both lengths, whatever a policy and a request hold.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
import type { ConditionKeys } from "./context.ts";

/** What stands for a wildcard inside: characters that no text from outside can have. */
const ANY = "\u0000";
const ONE = "\u0001";

type Part = string | { readonly key: string; readonly fallback: string | undefined };

export interface Pattern {
  /** False also where a variable has no value, because nothing can be what is not known. */
  matches(text: string, keys: ConditionKeys): boolean;
  /** The text itself, where wildcards mean nothing; undefined where a variable has no value. */
  resolve(keys: ConditionKeys): string | undefined;
}

export interface PatternOptions {
  readonly wildcards: boolean;
  readonly variables: boolean;
}

export function compilePattern(text: string, { wildcards, variables }: PatternOptions): Pattern {
  const parts = variables ? partsOf(text) : [text];
  const prepared = parts.map((part) => (typeof part === "string" ? (wildcards ? marked(part) : part) : part));
  const fixed = prepared.every((part) => typeof part === "string") ? prepared.join("") : undefined;
  const resolve = (keys: ConditionKeys): string | undefined => {
    if (fixed !== undefined) return fixed;
    let result = "";
    for (const part of prepared) {
      const value = typeof part === "string" ? part : valueOf(part, keys);
      if (value === undefined) return undefined;
      result += value;
    }
    return result;
  };
  if (fixed !== undefined) {
    const matches = matcher(fixed);
    return { resolve, matches };
  }
  return {
    resolve,
    matches: (candidate, keys) => {
      const pattern = resolve(keys);
      return pattern !== undefined && glob(pattern, candidate);
    },
  };
}

function marked(text: string): string {
  return text.replaceAll("*", ANY).replaceAll("?", ONE);
}

/** `${key}` and `${key, 'default'}`; `${*}`, `${?}` and `${$}` are these characters themselves. */
const variable = /\$\{([^}]*)\}/g;

function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const found of text.matchAll(variable)) {
    parts.push(text.slice(end, found.index), readVariable(found[1] ?? ""));
    end = found.index + found[0].length;
  }
  return [...parts, text.slice(end)];
}

function readVariable(inside: string): Part {
  const [, key = "", fallback] = /^\s*([^,\s]*)\s*(?:,\s*'([^']*)'\s*)?$/.exec(inside) ?? [];
  return { key: key.toLowerCase(), fallback };
}

const literals = new Set(["*", "?", "$"]);

function valueOf({ key, fallback }: Exclude<Part, string>, keys: ConditionKeys): string | undefined {
  if (literals.has(key)) return key;
  const values = keys(key);
  // A key with several values cannot be a variable.
  const value = values === undefined || values.length !== 1 ? fallback : values[0];
  return value?.replaceAll(ANY, "\uFFFD").replaceAll(ONE, "\uFFFD");
}

/** The forms that nearly all patterns have are compared without a walk. */
function matcher(pattern: string): (text: string) => boolean {
  if (pattern === ANY) return () => true;
  const star = pattern.indexOf(ANY);
  if (!pattern.includes(ONE)) {
    if (star < 0) return (text) => text === pattern;
    if (star === pattern.length - 1) {
      const prefix = pattern.slice(0, -1);
      return (text) => text.startsWith(prefix);
    }
  }
  // The same text comes with each call of a client.
  let last: { readonly text: string; readonly matches: boolean } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, matches: glob(pattern, text) };
    return last.matches;
  };
}

function glob(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    const at = pattern[p];
    if (at === ANY) {
      star = p;
      resume = t;
      p += 1;
    } else if (at !== undefined && (at === ONE || at === text[t])) {
      p += 1;
      t += 1;
    } else if (star >= 0) {
      p = star + 1;
      resume += 1;
      t = resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === ANY) p += 1;
  return p === pattern.length;
}
