/**
 * Users and roles in policies. AWS keeps them by their unique ids, so that one who is made anew under an old name has
 * nothing of what the old one had, and shows their ARNs as long as they are there.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
 */
export interface PrincipalNames {
  /** The text of a policy as it is kept. Throws UnknownPrincipal. */
  kept(policy: string): Promise<string>;
  /** The text of a policy as it is shown: those that are gone with their ids. */
  shown(policy: string): Promise<string>;
  /** The same for one that stands alone. Throws UnknownPrincipal. */
  keptName(name: string): Promise<string>;
  shownName(name: string): Promise<string>;
}

/** Nobody has this name or this id. */
export class UnknownPrincipal extends Error {
  override readonly name = "UnknownPrincipal";
  /** As it was written. */
  readonly principal: string;

  constructor(principal: string) {
    super(`Invalid principal in policy: "AWS":"${principal.slice(0, 200)}"`);
    this.principal = principal;
  }
}

/** Where nobody knows the identities. */
export const asWritten: PrincipalNames = {
  kept: async (policy) => policy,
  shown: async (policy) => policy,
  keptName: async (name) => name,
  shownName: async (name) => name,
};

/** The text with other names in `Principal` and `NotPrincipal`; the very same text where no name changes. */
export async function renamedPrincipals(policy: string, rename: (name: string) => Promise<string>): Promise<string> {
  let document: unknown;
  try {
    document = JSON.parse(policy);
  } catch {
    // Not a policy: whoever wants one says so.
    return policy;
  }
  let changed = false;
  const renamed = async (name: unknown): Promise<unknown> => {
    if (typeof name !== "string") return name;
    const next = await rename(name);
    changed ||= next !== name;
    return next;
  };
  if (!isObject(document)) return policy;
  for (const statement of listOf(document["Statement"])) {
    if (!isObject(statement)) continue;
    for (const member of ["Principal", "NotPrincipal"]) {
      const principal = statement[member];
      if (!isObject(principal)) continue;
      const names = principal["AWS"];
      principal["AWS"] = Array.isArray(names) ? await Promise.all(names.map(renamed)) : await renamed(names);
    }
  }
  return changed ? JSON.stringify(document) : policy;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
