/** Users and roles by their ids and by their ARNs, for policies. */
import { renamedPrincipals, UnknownPrincipal, type PrincipalNames } from "../base/principals.ts";
import type { Documents } from "../store/contract.ts";
import type { Entity } from "./contract.ts";
import { ENTITY, entityKey, UNIQUE_ID, type Named } from "./documents.ts";
import { newUniqueId } from "./names.ts";

const identityForm = /^arn:aws[a-z-]*:iam::(\d{12}):(user|role)\/(?:.*\/)?([^/]+)$/;
/** Sessions are of a role, whose path their ARNs do not have. */
const sessionForm = /^arn:aws[a-z-]*:sts::(\d{12}):assumed-role\/([^/]+)\/([^/]+)$/;
/** `AROA…:NAME` is a session. */
const idForm = /^(A(?:IDA|ROA)[A-Z0-9]{12,})(?::([\w+=,.@-]+))?$/;

/** `enforced`: whether names that nobody has are refused; else they are kept as they are written. */
export function createPrincipalNames(documents: Documents, enforced: boolean): PrincipalNames {
  const keptName = async (name: string): Promise<string> => {
    const id = await idOf(documents, name);
    if (id !== undefined) return id;
    if (enforced) throw new UnknownPrincipal(name);
    return name;
  };
  const shownName = async (name: string): Promise<string> => (await arnOf(documents, name)) ?? name;
  return {
    keptName,
    shownName,
    kept: (policy) => renamedPrincipals(policy, keptName),
    shown: (policy) => renamedPrincipals(policy, shownName),
  };
}

/** What stands for the name where policies are kept: itself for what is no user and no role; undefined when there is none. */
export async function idOf(documents: Documents, name: string): Promise<string | undefined> {
  const [, account = "", kind, entityName = ""] = identityForm.exec(name) ?? [];
  if (kind === "user" || kind === "role") {
    const found = await documents.get<Entity>(ENTITY, entityKey(account, kind, entityName));
    return found?.value.arn === name ? found.value.id : undefined;
  }
  const [, owner = "", roleName = "", session] = sessionForm.exec(name) ?? [];
  if (session !== undefined) {
    const role = (await documents.get<Entity>(ENTITY, entityKey(owner, "role", roleName)))?.value;
    return role?.name === roleName ? `${role.id}:${session}` : undefined;
  }
  if (!idForm.test(name)) return name;
  return (await arnOf(documents, name)) === undefined ? undefined : name;
}

/** An id that nobody has, in the place of a name that nobody has; what is no name of a user or role comes back as it is. */
export function idOfNobody(name: string): string {
  const kind = identityForm.exec(name)?.[2];
  if (kind === "user" || kind === "role") return newUniqueId(kind);
  const session = sessionForm.exec(name)?.[3];
  return session === undefined ? name : `${newUniqueId("role")}:${session}`;
}

/** Undefined for what is no id of a user or role that is there. */
async function arnOf(documents: Documents, text: string): Promise<string | undefined> {
  const [, id = "", session] = idForm.exec(text) ?? [];
  if (id === "") return undefined;
  const named = (await documents.get<Named>(UNIQUE_ID, id))?.value;
  if (named === undefined) return undefined;
  const found = (await documents.get<Entity>(ENTITY, entityKey(named.account, named.kind, named.name)))?.value;
  if (found?.id !== id) return undefined;
  return session === undefined ? found.arn : `arn:aws:sts::${named.account}:assumed-role/${found.name}/${session}`;
}
