/** Users, groups, roles and managed policies of an account, as they are stored and as the APIs work on them. */

export type EntityKind = "user" | "group" | "role";

export type Tags = Readonly<Record<string, string>>;

/** What users, groups and roles have in common; the rest by kind. */
export interface Entity {
  readonly kind: EntityKind;
  readonly name: string;
  /** `/` or `/division/team/` */
  readonly path: string;
  /** `AIDA…`, `AGPA…`, `AROA…`: another one when the name is used again. */
  readonly id: string;
  readonly arn: string;
  /** ms since the epoch. */
  readonly createdAt: number;
  readonly tags: Tags;
  /** Policy documents by their names. */
  readonly inline: Readonly<Record<string, string>>;
  /** ARNs of managed policies. */
  readonly attached: readonly string[];
  /** ARN of the managed policy that bounds a user or a role. */
  readonly boundary?: string;
  /** Users: names of their groups. */
  readonly groups?: readonly string[];
  /** Users: ids of their access keys. */
  readonly accessKeys?: readonly string[];
  /** Roles. */
  readonly role?: RoleSettings;
}

export interface RoleSettings {
  /** The policy that says who may take the role. */
  readonly trust: string;
  readonly description?: string;
  /** s */
  readonly maxSessionDuration: number;
}

export interface ManagedPolicy {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly description?: string;
  readonly tags: Tags;
  readonly versions: readonly PolicyVersion[];
  readonly defaultVersion: string;
  /** Number of the next version: numbers are not used again. */
  readonly nextVersion: number;
  /** Entities that it is attached to. */
  readonly attachments: number;
  /** Entities that it bounds. */
  readonly boundaries: number;
}

export interface PolicyVersion {
  /** `v1` */
  readonly id: string;
  readonly text: string;
  readonly createdAt: number;
}

export interface AccessKey {
  readonly account: string;
  readonly userName: string;
  /** The secret, sealed for this key. */
  readonly sealed: string;
  readonly active: boolean;
  readonly createdAt: number;
}

/** Everything that a session token holds; it is sealed, and nothing of it is stored. */
export interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly account: string;
  readonly of:
    | { readonly kind: "root" }
    | { readonly kind: "user" | "role"; readonly name: string; readonly id: string };
  /** Roles: the name of the session. */
  readonly name?: string;
  /** ms since the epoch. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** Texts of the session's policies. */
  readonly policies?: readonly string[];
  readonly tags?: Tags;
  /** The token that the role was taken with was of an Amazon Cognito identity pool. */
  readonly cognito?: { readonly identityId: string; readonly identityPoolId: string };
}
