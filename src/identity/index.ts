export { awsPolicies } from "./aws-policies.ts";
export type { Entity, EntityKind, ManagedPolicy, PolicyVersion, Session, Tags } from "./contract.ts";
export { invalidInput, noEntity, noInlinePolicy, noSuchEntity, validation } from "./errors.ts";
export { requireDefaultRole } from "./default-role.ts";
export { createExecutionRoles, type ExecutionRoles } from "./execution-roles.ts";
export { createIdentity, type Identity } from "./identity.ts";
export { shownTags, tagsOf, withoutTags } from "./names.ts";
export { checkedPolicy } from "./checked-policy.ts";
export type { RoleReference } from "./roles.ts";
