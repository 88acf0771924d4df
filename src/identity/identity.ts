/** The identities of Kiln, put together. */
import type { Clock } from "../base/clock.ts";
import type { PrincipalNames } from "../base/principals.ts";
import type { SecretBox } from "../security/contract.ts";
import { createPolicyCompiler } from "../security/policy/index.ts";
import type { Documents } from "../store/contract.ts";
import { createAccesses } from "./accesses.ts";
import { createAccessKeys, type AccessKeys } from "./access-keys.ts";
import { createAttachments, type Attachments } from "./attachments.ts";
import { createEntities, membersOf, type Entities } from "./entities.ts";
import type { Entity, Tags } from "./contract.ts";
import { tagsOfArn } from "./tags-of-arn.ts";
import type { ListPage } from "./documents.ts";
import { createPrincipalNames } from "./principal-names.ts";
import { createManaged, type Managed } from "./managed.ts";
import { createRoles, type Roles } from "./roles.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import { createWebIdentities, type OidcIssuer, type WebIdentities } from "./web-identity.ts";
import { createIdentitySource, type IdentitySource } from "./source.ts";

export interface Identity {
  readonly entities: Entities;
  readonly managed: Managed;
  readonly attachments: Attachments;
  readonly accessKeys: AccessKeys;
  readonly roles: Roles;
  readonly sessions: Sessions;
  readonly source: IdentitySource;
  readonly webIdentities: WebIdentities;
  /** Users and roles in policies of anything. */
  readonly principals: PrincipalNames;
  /** Tags of a user, a role or a managed policy by its ARN; undefined for what is not there. */
  tagsOf(arn: string): Promise<Tags | undefined>;
  /** Users of a group. */
  members(
    account: string,
    group: string,
    page: { limit: number; after?: string | undefined },
  ): Promise<ListPage<Entity>>;
}

export interface IdentityOptions {
  readonly documents: Documents;
  readonly box: SecretBox;
  readonly clock: Clock;
  /** Issuers whose tokens are taken. */
  readonly oidcIssuers?: readonly OidcIssuer[];
  /** False while authentication is off. */
  readonly enforced: boolean;
}

export function createIdentity({ documents, box, clock, enforced, oidcIssuers = [] }: IdentityOptions): Identity {
  const compile = createPolicyCompiler();
  const managed = createManaged(documents, clock);
  const sessions = createSessions(box, clock);
  const accesses = createAccesses(documents, managed, compile);
  const principals = createPrincipalNames(documents, enforced);
  return {
    entities: createEntities({ documents, managed, clock, principals }),
    principals,
    managed,
    attachments: createAttachments(documents, managed),
    accessKeys: createAccessKeys(documents, box, clock),
    roles: createRoles(documents, compile, enforced),
    sessions,
    webIdentities: createWebIdentities(oidcIssuers),
    source: createIdentitySource(documents, box, sessions, accesses),
    tagsOf: (arn) => tagsOfArn(documents, arn),
    members: (account, group, page) => membersOf(documents, account, group, page),
  };
}
