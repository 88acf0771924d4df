/** From an identity to what the security side has to know of it: its policies, compiled, and its condition keys. */
import { keysOf } from "../security/access/keys.ts";
import type { Access } from "../security/access/access.ts";
import type { CompiledPolicy, PolicyCompiler } from "../security/policy/index.ts";
import type { Principal } from "../wire/contract.ts";
import type { Documents } from "../store/contract.ts";
import type { Entity, Session, Tags } from "./contract.ts";
import { ENTITY, entityKey } from "./documents.ts";
import { defaultText, type Managed } from "./managed.ts";

export interface Accesses {
  ofUser(account: string, user: Entity, session?: Session): Promise<{ principal: Principal; access: Access }>;
  ofRole(account: string, role: Entity, session: Session): Promise<{ principal: Principal; access: Access }>;
}

export function createAccesses(documents: Documents, managed: Managed, compile: PolicyCompiler): Accesses {
  /** Inline policies and attached ones. */
  async function policiesOf(account: string, entity: Entity): Promise<CompiledPolicy[]> {
    const texts = await Promise.all(entity.attached.map(async (arn) => defaultText(await managed.get(account, arn))));
    return [...Object.values(entity.inline), ...texts].map((text) => compile(text, "identity"));
  }

  async function boundaryOf(account: string, { boundary }: Entity): Promise<CompiledPolicy | undefined> {
    return boundary === undefined ? undefined : compile(defaultText(await managed.get(account, boundary)), "identity");
  }

  async function groupsOf(account: string, user: Entity): Promise<Entity[]> {
    const groups = await Promise.all(
      (user.groups ?? []).map((name) => documents.get<Entity>(ENTITY, entityKey(account, "group", name))),
    );
    return groups.flatMap((group) => (group === undefined ? [] : [group.value]));
  }

  return {
    async ofUser(account, user, session) {
      const entities = [user, ...(await groupsOf(account, user))];
      const identity = (await Promise.all(entities.map((entity) => policiesOf(account, entity)))).flat();
      return {
        principal: { kind: "user", account, arn: user.arn, userId: user.id },
        access: {
          principal: { kind: "user", account, arn: user.arn, id: user.id },
          policies: { identity, boundary: await boundaryOf(account, user) },
          keys: keysOf({
            ...tagKeys(user.tags),
            ...sessionKeys(session),
            "aws:username": user.name,
            "aws:userid": user.id,
            "aws:principalarn": user.arn,
            "aws:principalaccount": account,
            "aws:principaltype": "User",
          }),
        },
      };
    },
    async ofRole(account, role, session) {
      const { name = "" } = session;
      const arn = `arn:aws:sts::${account}:assumed-role/${role.name}/${name}`;
      const userId = `${role.id}:${name}`;
      return {
        principal: { kind: "session", account, arn, userId },
        access: {
          principal: { kind: "session", account, arn, roleArn: role.arn, roleId: role.id },
          policies: {
            identity: await policiesOf(account, role),
            boundary: await boundaryOf(account, role),
            session: session.policies?.map((text) => compile(text, "identity")),
          },
          keys: keysOf({
            ...tagKeys({ ...role.tags, ...session.tags }),
            ...sessionKeys(session),
            "aws:userid": userId,
            "aws:principalarn": role.arn,
            "aws:principalaccount": account,
            "aws:principaltype": "AssumedRole",
          }),
        },
      };
    },
  };
}

function tagKeys(tags: Tags): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tags).map(([key, value]) => [`aws:principaltag/${key.toLowerCase()}`, value]),
  );
}

function sessionKeys(session: Session | undefined): Record<string, string> {
  if (session === undefined) return {};
  const issued = new Date(session.issuedAt).toISOString().replace(/\.\d{3}Z$/, "Z");
  return { "aws:tokenissuetime": issued, "aws:multifactorauthpresent": "false" };
}
