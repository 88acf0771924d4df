/** Whom a statement names. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */
import type { PolicyPrincipal } from "./context.ts";
import type { Choice, PrincipalEntry } from "./document.ts";

/**
 * How closely. `self`: the very user or session, or a service. `role`: the role of a session. `account`: its account, which
 * leaves it to that account's own policies. `everyone`: a star.
 */
export type Naming = "self" | "role" | "everyone" | "account";

export type NamedBy = (principal: PolicyPrincipal) => Naming | undefined;

/**
 * The closest of the names; for `NotPrincipal`, `everyone` for whoever is not named. An account that is left out of a denial is
 * not all of its users: AWS looks at the account, then at the role, then at who it is, and each has to be left out
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html).
 */
export function compilePrincipals({ not, entries }: Choice<PrincipalEntry>, deny: boolean): NamedBy {
  if (not) {
    return (principal) => {
      const leftOut = entries.some((entry) => {
        const naming = names(entry, principal);
        return naming !== undefined && !(deny && naming === "account" && principal.kind !== "root");
      });
      return leftOut ? undefined : "everyone";
    };
  }
  return (principal) => {
    let closest: Naming | undefined;
    for (const entry of entries) {
      const naming = names(entry, principal);
      if (naming !== undefined && (closest === undefined || closeness[naming] > closeness[closest])) closest = naming;
    }
    return closest;
  };
}

export const closeness: Readonly<Record<Naming, number>> = { self: 3, role: 2, everyone: 1, account: 0 };

function names({ type, value }: PrincipalEntry, principal: PolicyPrincipal): Naming | undefined {
  if (type === "*") return "everyone";
  switch (principal.kind) {
    case "service":
      return type === "Service" && (value === principal.service || value === "*") ? "self" : undefined;
    case "federated":
      return type === "Federated" && (value === principal.provider || value === "*") ? "self" : undefined;
    case "anonymous":
      return undefined;
    case "root":
    case "user":
    case "session":
      return type === "AWS" ? namesIdentity(value, principal) : undefined;
  }
}

function namesIdentity(
  value: string,
  principal: Extract<PolicyPrincipal, { kind: "root" | "user" | "session" }>,
): Naming | undefined {
  if (principal.kind === "user" && (value === principal.arn || value === principal.id)) return "self";
  if (principal.kind === "session") {
    if (value === principal.arn || isSession(value, principal)) return "self";
    if (value === principal.roleArn || value === principal.roleId) return "role";
  }
  const account = /^(?:arn:aws[a-z-]*:iam::)?(\d{12})(?::root)?$/.exec(value)?.[1];
  return account === principal.account ? "account" : undefined;
}

/** `AROA…:NAME`: a session of this very role, not of one that is made anew under its name. */
function isSession(value: string, { arn, roleId }: { readonly arn: string; readonly roleId: string }): boolean {
  return value.startsWith(roleId) && value[roleId.length] === ":" && arn.endsWith(`/${value.slice(roleId.length + 1)}`);
}
