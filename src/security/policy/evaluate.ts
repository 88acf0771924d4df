/**
 * AWS's logic of several policies. An explicit denial anywhere wins. Then, within one account, what a resource's policy
 * grants to the very caller is enough; otherwise the policies of the identity have to allow, and the boundary and the
 * session's policies too. From another account, both sides have to allow.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import type { CompiledPolicy, Verdict } from "./compile.ts";
import type { PolicyRequest } from "./context.ts";
import type { Naming } from "./principals.ts";

export interface Policies {
  /** Of the user with its groups, or of the role. */
  readonly identity: readonly CompiledPolicy[];
  /** Permissions boundary of the user or the role. */
  readonly boundary?: CompiledPolicy | undefined;
  /** Given when the session was made; undefined when none was given. */
  readonly session?: readonly CompiledPolicy[] | undefined;
  readonly resource?: CompiledPolicy | undefined;
}

export interface ResourceFacts {
  /** Whose resource it is; undefined where the caller's own account is meant. */
  readonly account?: string | undefined;
  /** Roles and keys: the resource's own policy has to allow, whatever the identity's say. */
  readonly policyRequired?: boolean;
}

export type Layer = "identity" | "boundary" | "session" | "resource";

export type Decision =
  | { readonly allowed: true }
  /** `layer`: the policy that has denied, or the first of those that had to allow and have not. */
  | { readonly allowed: false; readonly explicit: boolean; readonly layer: Layer };

const allowed: Decision = { allowed: true };

export function evaluate(request: PolicyRequest, policies: Policies, resource: ResourceFacts = {}): Decision {
  const verdicts = {
    identity: policies.identity.map((policy) => policy.decide(request)),
    boundary: policies.boundary && [policies.boundary.decide(request)],
    session: policies.session?.map((policy) => policy.decide(request)),
    resource: policies.resource && [policies.resource.decide(request)],
  };
  for (const layer of layers) {
    if (verdicts[layer]?.some(({ effect }) => effect === "deny")) return { allowed: false, explicit: true, layer };
  }

  const { principal } = request;
  const granted = namings(verdicts.resource);
  if (principal.kind === "anonymous" || principal.kind === "service" || principal.kind === "federated") {
    return granted.length > 0 ? allowed : lacking("resource");
  }
  const foreign = resource.account !== undefined && resource.account !== principal.account;
  if (granted.length === 0 && (foreign || resource.policyRequired === true)) return lacking("resource");
  if (!foreign && granted.includes("self")) return allowed;

  // A grant to the role or to everyone is as good as one of the identity's own policies, and bounded like them.
  const direct = !foreign && granted.some((naming) => naming === "role" || naming === "everyone");
  if (!direct && principal.kind !== "root" && !allows(verdicts.identity)) return lacking("identity");
  if (verdicts.boundary !== undefined && !allows(verdicts.boundary)) return lacking("boundary");
  if (verdicts.session !== undefined && !allows(verdicts.session)) return lacking("session");
  return allowed;
}

const layers = ["identity", "boundary", "session", "resource"] as const;

function allows(verdicts: readonly Verdict[]): boolean {
  return verdicts.some(({ effect }) => effect === "allow");
}

function namings(verdicts: readonly Verdict[] | undefined): readonly Naming[] {
  return (verdicts ?? []).flatMap((verdict) => (verdict.effect === "allow" ? verdict.naming : []));
}

function lacking(layer: Layer): Decision {
  return { allowed: false, explicit: false, layer };
}

const names: Readonly<Record<Layer, string>> = {
  identity: "identity-based policy",
  boundary: "permissions boundary",
  session: "session policy",
  resource: "resource-based policy",
};

/** What AWS adds to its message: `because no identity-based policy allows the lambda:GetFunction action`. */
export function reasonOf(decision: Extract<Decision, { allowed: false }>, action: string): string {
  const name = names[decision.layer];
  if (!decision.explicit) return `because no ${name} allows the ${action} action`;
  return `with an explicit deny in ${/^[aeiou]/.test(name) ? "an" : "a"} ${name}`;
}
