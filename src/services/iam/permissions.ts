/**
 * What each operation of IAM needs: the action of its name, on the user, group, role or policy that it is about.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
 */
import { ServiceError } from "../../base/errors.ts";
import type { EntityKind, Identity } from "../../identity/index.ts";
import type { Permission, PermissionsOf, PermissionTable } from "../../security/contract.ts";
import { iamOperations } from "./operations.ts";

const onAnything = new Set(["ListUsers", "ListGroups", "ListRoles", "ListPolicies"]);
const members = [
  ["RoleName", "role"],
  ["GroupName", "group"],
  ["UserName", "user"],
] as const;

export function iamPermissions({ entities }: Pick<Identity, "entities">): PermissionTable {
  /** With its path, where it is there; an operation on what is not there answers so to whoever may do it. */
  async function arnOf(account: string, kind: EntityKind, name: string, path: string): Promise<string> {
    const found = await entities.get({ account, kind, name }).catch((error: unknown) => {
      if (error instanceof ServiceError) return undefined;
      throw error;
    });
    return found?.arn ?? `arn:aws:iam::${account}:${kind}${path}${name}`;
  }

  function permissionsOf(operation: string): PermissionsOf {
    return async (input, { caller }) => {
      const permission = (resource: string): Permission => ({
        action: `iam:${operation}`,
        resource,
        keys: { ...requestTags(input), "iam:permissionsboundary": member(input, "PermissionsBoundary") },
      });
      if (onAnything.has(operation)) return [permission("*")];
      const path = member(input, "Path") ?? "/";
      // A policy that is attached or detached is a condition, not the resource.
      const policy = member(input, "PolicyArn");
      for (const [name, kind] of members) {
        const value = member(input, name);
        if (value === undefined) continue;
        const { keys, ...rest } = permission(await arnOf(caller.account, kind, value, path));
        return [{ ...rest, keys: { ...keys, "iam:policyarn": policy } }];
      }
      if (policy !== undefined) return [permission(policy)];
      const created = operation === "CreatePolicy" ? member(input, "PolicyName") : undefined;
      if (created !== undefined) return [permission(`arn:aws:iam::${caller.account}:policy${path}${created}`)];
      // The caller's own user is meant.
      return [permission(caller.kind === "user" ? caller.arn : "*")];
    };
  }

  return Object.fromEntries(Object.keys(iamOperations).map((operation) => [operation, permissionsOf(operation)]));
}

function member(input: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = input[name];
  return typeof value === "string" ? value : undefined;
}

function requestTags(input: Readonly<Record<string, unknown>>): Record<string, string | readonly string[]> {
  const { Tags, TagKeys } = input as { Tags?: { Key?: string; Value?: string }[]; TagKeys?: string[] };
  if (Tags === undefined) return TagKeys === undefined ? {} : { "aws:tagkeys": TagKeys };
  return {
    ...Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [`aws:requesttag/${Key.toLowerCase()}`, Value])),
    "aws:tagkeys": Tags.map(({ Key = "" }) => Key),
  };
}
