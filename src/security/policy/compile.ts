/** A policy made ready for decisions. Those that are used are kept by their text, so that one can never stand for another. */
import { compileCondition, type Test } from "./conditions.ts";
import type { PolicyRequest } from "./context.ts";
import type { Choice, PolicyDocument, PolicyKind, Statement } from "./document.ts";
import { parsePolicy } from "./parse.ts";
import { compilePattern, type Pattern } from "./pattern.ts";
import { compilePrincipals, type NamedBy, type Naming } from "./principals.ts";

export interface CompiledPolicy {
  /** Whether it looks at tags of resources, which have to be read then. */
  readonly usesResourceTags: boolean;
  /** What its statements say of a request, taken together: a denial before everything else. */
  decide(request: PolicyRequest): Verdict;
}

export type Verdict =
  | { readonly effect: "none" | "deny" }
  | { readonly effect: "allow"; readonly naming: readonly Naming[] };

interface CompiledStatement {
  readonly deny: boolean;
  readonly namedBy: NamedBy | undefined;
  matches(action: string, request: PolicyRequest): boolean;
}

export function compilePolicy(document: PolicyDocument): CompiledPolicy {
  const variables = document.version === "2012-10-17";
  const statements = document.statements.map((statement) => compileStatement(statement, variables));
  return {
    usesResourceTags: JSON.stringify(document).toLowerCase().includes(":resourcetag/"),
    decide(request) {
      const action = request.action.toLowerCase();
      const naming: Naming[] = [];
      for (const statement of statements) {
        const name = statement.namedBy === undefined ? "self" : statement.namedBy(request.principal);
        if (name === undefined || !statement.matches(action, request)) continue;
        if (statement.deny) return denied;
        naming.push(name);
      }
      return naming.length === 0 ? nothing : { effect: "allow", naming };
    },
  };
}

/** Two policies of one resource: a denial of either, and what either allows. */
export function bothOf(one: CompiledPolicy, other: CompiledPolicy): CompiledPolicy {
  return {
    usesResourceTags: one.usesResourceTags || other.usesResourceTags,
    decide(request) {
      const [first, second] = [one.decide(request), other.decide(request)];
      if (first.effect === "allow" && second.effect === "allow") {
        return { effect: "allow", naming: [...first.naming, ...second.naming] };
      }
      return first.effect === "deny" || second.effect === "none" ? first : second;
    },
  };
}

/** The very principals that are named may do this one thing. */
export function grantTo(principals: readonly string[], action: string): CompiledPolicy {
  const entries = principals.map((value) => ({ type: "AWS" as const, value }));
  const namedBy = compilePrincipals({ not: false, entries }, false);
  return {
    usesResourceTags: false,
    decide(request) {
      const naming = request.action === action ? namedBy(request.principal) : undefined;
      return naming === undefined ? nothing : { effect: "allow", naming: [naming] };
    },
  };
}

const denied: Verdict = { effect: "deny" };
const nothing: Verdict = { effect: "none" };

function compileStatement(statement: Statement, variables: boolean): CompiledStatement {
  const action = choiceOf(statement.actions, (text) =>
    compilePattern(text.toLowerCase(), { wildcards: true, variables: false }),
  );
  const resource =
    statement.resources &&
    choiceOf(statement.resources, (text) => compilePattern(text, { wildcards: true, variables }));
  const tests = statement.conditions.map((condition): Test => compileCondition(condition, variables));
  return {
    deny: statement.effect === "Deny",
    namedBy: statement.principals && compilePrincipals(statement.principals, statement.effect === "Deny"),
    matches: (name, request) =>
      action(name, request) &&
      (resource === undefined || resource(request.resource, request)) &&
      tests.every((test) => test(request.keys)),
  };
}

type Chosen = (text: string, request: PolicyRequest) => boolean;

function choiceOf({ not, entries }: Choice<string>, compile: (text: string) => Pattern): Chosen {
  const patterns = entries.map(compile);
  return (text, { keys }) => patterns.some((pattern) => pattern.matches(text, keys)) !== not;
}

export type PolicyCompiler = (text: string, kind: PolicyKind) => CompiledPolicy;

/** Throws PolicyError for text that is no policy. */
export function createPolicyCompiler(capacity = 4096): PolicyCompiler {
  const byKind = { identity: new Map(), resource: new Map(), trust: new Map() } as const satisfies Record<
    PolicyKind,
    Map<string, CompiledPolicy>
  >;
  return (text, kind) => {
    const kept: Map<string, CompiledPolicy> = byKind[kind];
    const known = kept.get(text);
    if (known !== undefined) return known;
    const compiled = compilePolicy(parsePolicy(text, kind));
    kept.set(text, compiled);
    if (kept.size > capacity) {
      const [oldest] = kept.keys();
      if (oldest !== undefined) kept.delete(oldest);
    }
    return compiled;
  };
}
