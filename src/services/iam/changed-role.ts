import { checkedPolicy, type Entity } from "../../identity/index.ts";

/** A change of what only roles have. Throws MalformedPolicyDocument. */
export function changedRole(settings: Partial<NonNullable<Entity["role"]>>): (entity: Entity) => Entity {
  if (settings.trust !== undefined) checkedPolicy(settings.trust, "trust", 2048, "ACLSizePerRole");
  return (entity) => ({ ...entity, ...(entity.role && { role: { ...entity.role, ...settings } }) });
}
