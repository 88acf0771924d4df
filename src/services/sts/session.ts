/** What the operations that take a role have in common: the settings of the session, and the answer. */
import type { AssumedRoleUser, Credentials, PolicyDescriptorType, Tag } from "@aws-sdk/client-sts";
import {
  checkedPolicy,
  tagsOf,
  validation,
  type RoleReference,
  type Session,
  type Tags,
} from "../../identity/index.ts";
import type { StsDependencies } from "./dependencies.ts";
import { packedPolicyTooLarge } from "./errors.ts";

export interface SessionWanted {
  readonly RoleSessionName?: string | undefined;
  readonly DurationSeconds?: number | undefined;
  readonly Policy?: string | undefined;
  readonly PolicyArns?: PolicyDescriptorType[] | undefined;
  readonly Tags?: Tag[] | undefined;
}

export interface SessionAnswer {
  Credentials: Credentials;
  AssumedRoleUser: AssumedRoleUser;
  PackedPolicySize?: number;
}

const HOUR = 3600;
/** Characters that the policies and tags of a session may have. */
const PACKED = 2048;

/** Throws ValidationError. `chained`: the caller is a session of a role itself. */
export function sessionSeconds({ role }: RoleReference, wanted: number | undefined, chained: boolean): number {
  const seconds = wanted ?? HOUR;
  if (seconds > (role.role?.maxSessionDuration ?? HOUR)) {
    throw validation("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  }
  if (chained && seconds > HOUR) {
    throw validation(
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    );
  }
  return seconds;
}

/** Issues the session. Throws MalformedPolicyDocument, NoSuchEntity, PackedPolicyTooLarge. */
export async function sessionOf(
  { identity }: StsDependencies,
  { account, role }: RoleReference,
  wanted: SessionWanted,
  seconds: number,
  cognito?: Session["cognito"],
): Promise<SessionAnswer> {
  const { RoleSessionName: name = "" } = wanted;
  const policies = await sessionPolicies(identity, account, wanted);
  const tags: Tags = tagsOf(wanted.Tags);
  const packed = JSON.stringify([wanted.Policy ?? "", wanted.PolicyArns ?? [], Object.entries(tags)]).length;
  if (packed > 2 * PACKED) throw packedPolicyTooLarge();
  const of: Session["of"] = { kind: "role", name: role.name, id: role.id };
  const made = identity.sessions.issue(
    { account, of, name, tags, ...(policies && { policies }), ...(cognito && { cognito }) },
    seconds,
  );
  return {
    Credentials: shownCredentials(made),
    AssumedRoleUser: {
      AssumedRoleId: `${role.id}:${name}`,
      Arn: `arn:aws:sts::${account}:assumed-role/${role.name}/${name}`,
    },
    ...(policies === undefined && Object.keys(tags).length === 0
      ? {}
      : { PackedPolicySize: Math.min(100, Math.ceil((packed / (2 * PACKED)) * 100)) }),
  };
}

/** Undefined when none are given: then the role's own count alone. */
async function sessionPolicies(
  identity: StsDependencies["identity"],
  account: string,
  { Policy, PolicyArns }: SessionWanted,
): Promise<string[] | undefined> {
  if (Policy === undefined && (PolicyArns ?? []).length === 0) return undefined;
  const managed = await Promise.all(
    (PolicyArns ?? []).map(async ({ arn = "" }) => {
      const { versions, defaultVersion } = await identity.managed.get(account, arn);
      return versions.find(({ id }) => id === defaultVersion)?.text ?? "";
    }),
  );
  const own = Policy === undefined ? [] : [checkedPolicy(Policy, "identity", PACKED, "PolicySize")];
  return [...own, ...managed];
}

export function shownCredentials(made: {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expiresAt: number;
}): Credentials {
  return {
    AccessKeyId: made.accessKeyId,
    SecretAccessKey: made.secretAccessKey,
    SessionToken: made.sessionToken,
    Expiration: new Date(made.expiresAt),
  };
}
