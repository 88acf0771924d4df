import type { Entity } from "../../identity/index.ts";

/** A change of what only roles have, but for their trust. */
export function changedRole(settings: Omit<Partial<NonNullable<Entity["role"]>>, "trust">): (entity: Entity) => Entity {
  return (entity) => ({ ...entity, ...(entity.role && { role: { ...entity.role, ...settings } }) });
}
