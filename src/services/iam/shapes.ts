/** Identities as the IAM API shows them. */
import type {
  AccessKeyMetadata,
  AttachedPermissionsBoundary,
  AttachedPolicy,
  Group,
  Policy,
  Role,
  User,
} from "@aws-sdk/client-iam";
import { shownTags, type Entity, type ManagedPolicy, type Tags } from "../../identity/index.ts";

type Bounded = { PermissionsBoundary?: AttachedPermissionsBoundary };

/** IAM gives policy documents percent-encoded (RFC 3986). */
export function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

export function listedUser({ path, name, id, arn, createdAt }: Entity) {
  return { Path: path, UserName: name, UserId: id, Arn: arn, CreateDate: new Date(createdAt) } satisfies User;
}

export function shownUser(user: Entity): User {
  return { ...listedUser(user), ...boundaryOf(user), ...tagsOf(user.tags) };
}

export function shownGroup({ path, name, id, arn, createdAt }: Entity): Group {
  return { Path: path, GroupName: name, GroupId: id, Arn: arn, CreateDate: new Date(createdAt) };
}

export function listedRole({ path, name, id, arn, createdAt, role }: Entity): Role {
  return {
    Path: path,
    RoleName: name,
    RoleId: id,
    Arn: arn,
    CreateDate: new Date(createdAt),
    AssumeRolePolicyDocument: encoded(role?.trust ?? ""),
    MaxSessionDuration: role?.maxSessionDuration,
    ...(role?.description === undefined ? {} : { Description: role.description }),
  };
}

export function shownRole(role: Entity): Role {
  return { ...listedRole(role), ...boundaryOf(role), ...tagsOf(role.tags) };
}

export function shownPolicy(policy: ManagedPolicy): Policy {
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: policy.defaultVersion,
    AttachmentCount: policy.attachments,
    PermissionsBoundaryUsageCount: policy.boundaries,
    IsAttachable: true,
    CreateDate: new Date(policy.createdAt),
    UpdateDate: new Date(policy.updatedAt),
    ...(policy.description === undefined ? {} : { Description: policy.description }),
    ...tagsOf(policy.tags),
  };
}

/** By their ARNs, which hold path and name. */
export function attachedPolicies(arns: readonly string[], pathPrefix = "/"): AttachedPolicy[] {
  return arns
    .filter((arn) => arn.slice(arn.indexOf(":policy/") + ":policy".length).startsWith(pathPrefix))
    .map((arn) => ({ PolicyName: arn.slice(arn.lastIndexOf("/") + 1), PolicyArn: arn }));
}

interface Key {
  readonly accessKeyId: string;
  readonly userName: string;
  readonly active: boolean;
  readonly createdAt: number;
}

export function shownKey({ accessKeyId, userName, active, createdAt }: Key) {
  return {
    UserName: userName,
    AccessKeyId: accessKeyId,
    Status: active ? "Active" : "Inactive",
    CreateDate: new Date(createdAt),
  } as const satisfies AccessKeyMetadata;
}

function boundaryOf({ boundary }: Entity): Bounded {
  if (boundary === undefined) return {};
  return {
    PermissionsBoundary: { PermissionsBoundaryType: "PermissionsBoundaryPolicy", PermissionsBoundaryArn: boundary },
  };
}

function tagsOf(tags: Tags): { Tags?: { Key: string; Value: string }[] } {
  const shown = shownTags(tags);
  return shown.length === 0 ? {} : { Tags: shown };
}
