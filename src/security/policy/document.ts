/** A policy as it was written, checked and in one form. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */

export interface PolicyDocument {
  /** Only the newer one has variables. */
  readonly version: "2008-10-17" | "2012-10-17";
  readonly id: string | undefined;
  readonly statements: readonly Statement[];
}

export interface Statement {
  readonly sid: string | undefined;
  readonly effect: "Allow" | "Deny";
  /** Undefined where the policy says nothing: what it is attached to decides. */
  readonly principals: Choice<PrincipalEntry> | undefined;
  readonly actions: Choice<string>;
  readonly resources: Choice<string> | undefined;
  readonly conditions: readonly Condition[];
}

/** Those that are named, or with `not` all others. */
export interface Choice<T> {
  readonly not: boolean;
  readonly entries: readonly T[];
}

export interface PrincipalEntry {
  readonly type: "AWS" | "Service" | "Federated" | "CanonicalUser" | "*";
  readonly value: string;
}

export interface Condition {
  /** Without prefix and suffix: `StringEquals`. */
  readonly operator: string;
  /** `ForAllValues:` or `ForAnyValue:` before the operator. */
  readonly set: "all" | "any" | undefined;
  readonly ifExists: boolean;
  /** Lower case: the names of keys are the same in any case. */
  readonly key: string;
  readonly values: readonly string[];
}

/**
 * What a policy is attached to: an identity (then also as a boundary or of a session), a resource, or a role as the answer
 * to who may take it.
 */
export type PolicyKind = "identity" | "resource" | "trust";

/** A policy that AWS would not take, in AWS's words. */
export class PolicyError extends Error {
  override readonly name = "PolicyError";
}
