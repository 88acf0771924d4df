/** Users, groups and roles: what comes and goes with them. */
import type { Clock } from "../base/clock.ts";
import type { Documents, Write } from "../store/contract.ts";
import type { PrincipalNames } from "../base/principals.ts";
import { keptTrust } from "./checked-policy.ts";
import type { Entity, EntityKind, RoleSettings, Tags } from "./contract.ts";
import {
  changeEntity,
  changing,
  create,
  ENTITY,
  entityKey,
  entityPrefix,
  idWrites,
  listWhere,
  readEntity,
  removal,
  UNIQUE_ID,
  type ListPage,
} from "./documents.ts";
import { alreadyExists, deleteConflict } from "./errors.ts";
import type { Managed } from "./managed.ts";
import { iamArn, newUniqueId } from "./names.ts";

export interface EntityName {
  readonly account: string;
  readonly kind: EntityKind;
  readonly name: string;
}

export interface NewEntity extends EntityName {
  readonly path?: string | undefined;
  readonly tags?: Tags;
  readonly boundary?: string | undefined;
  readonly role?: RoleSettings;
}

export interface PageWanted {
  readonly limit: number;
  readonly after?: string | undefined;
  readonly pathPrefix?: string | undefined;
}

const titles = { user: "User", group: "Group", role: "Role" } as const;

export interface Entities {
  create(wanted: NewEntity): Promise<Entity>;
  get(of: EntityName): Promise<Entity>;
  list(account: string, kind: EntityKind, page: PageWanted): Promise<ListPage<Entity>>;
  change(of: EntityName, decide: (entity: Entity) => Entity): Promise<Entity>;
  /** Whom a role trusts. Throws MalformedPolicyDocument. */
  setTrust(account: string, name: string, trust: string): Promise<void>;
  /** With the trust policy as its writer knows it. */
  shown(entity: Entity): Promise<Entity>;
  setBoundary(of: EntityName, arn: string | undefined): Promise<void>;
  remove(of: EntityName): Promise<void>;
}

export interface EntitiesOptions {
  readonly documents: Documents;
  readonly managed: Managed;
  readonly clock: Clock;
  readonly principals: PrincipalNames;
}

export function createEntities({ documents, managed, clock, principals }: EntitiesOptions): Entities {
  return {
    async create({ account, kind, name, path = "/", tags = {}, boundary, role }) {
      const settings = role && { ...role, trust: await keptTrust(principals, role.trust) };
      const entity: Entity = {
        kind,
        name,
        path,
        id: newUniqueId(kind),
        arn: iamArn(account, kind, path, name),
        createdAt: clock(),
        tags,
        inline: {},
        attached: [],
        ...(boundary === undefined ? {} : { boundary }),
        ...(kind === "user" ? { groups: [], accessKeys: [] } : {}),
        ...(settings === undefined ? {} : { role: settings }),
      };
      const bound = boundary === undefined ? [] : await managed.useAsBoundary(account, boundary, 1);
      const exists = () => alreadyExists(`${titles[kind]} with name ${name} already exists.`);
      await create(documents, ENTITY, entityKey(account, kind, name), entity, exists, [
        ...bound,
        ...idWrites(account, entity),
      ]);
      return entity;
    },
    get: async ({ account, kind, name }) => (await readEntity(documents, account, kind, name)).value,
    list: (account, kind, { limit, after, pathPrefix = "/" }) =>
      listWhere<Entity>(documents, ENTITY, entityPrefix(account, kind), {
        limit,
        after,
        wanted: ({ path }) => path.startsWith(pathPrefix),
      }),
    change: (of, decide) => changeEntity(documents, of, decide),
    async setTrust(account, name, trust) {
      const kept = await keptTrust(principals, trust);
      await changeEntity(documents, { account, kind: "role", name }, (entity) => ({
        ...entity,
        ...(entity.role && { role: { ...entity.role, trust: kept } }),
      }));
    },
    async shown(entity) {
      if (entity.role === undefined) return entity;
      return { ...entity, role: { ...entity.role, trust: await principals.shown(entity.role.trust) } };
    },
    async setBoundary(of, arn) {
      await changeEntity(
        documents,
        of,
        ({ boundary: _before, ...entity }) => (arn === undefined ? entity : { ...entity, boundary: arn }),
        async (before) => {
          if (before.boundary === arn) return [];
          const released =
            before.boundary === undefined ? [] : await managed.useAsBoundary(of.account, before.boundary, -1);
          return [...released, ...(arn === undefined ? [] : await managed.useAsBoundary(of.account, arn, 1))];
        },
      );
    },
    async remove({ account, kind, name }) {
      await changing(documents, async () => {
        const stored = await readEntity(documents, account, kind, name);
        const entity = stored.value;
        await refuseUsed(documents, account, entity);
        const released: Write[] =
          entity.boundary === undefined ? [] : await managed.useAsBoundary(account, entity.boundary, -1);
        const id: Write = { op: "remove", kind: UNIQUE_ID, key: entity.id };
        return { writes: [removal(ENTITY, stored), id, ...released], result: undefined };
      });
    },
  };
}

/** What an entity has must go before it. */
async function refuseUsed(documents: Documents, account: string, entity: Entity): Promise<void> {
  if (entity.attached.length > 0) throw deleteConflict("entity, must detach all policies first");
  if (Object.keys(entity.inline).length > 0) throw deleteConflict("entity, must delete policies first");
  if ((entity.accessKeys ?? []).length > 0) throw deleteConflict("entity, must delete access keys first");
  if ((entity.groups ?? []).length > 0) throw deleteConflict("entity, must remove users from group first");
  if (entity.kind !== "group") return;
  const members = await membersOf(documents, account, entity.name, { limit: 1 });
  if (members.items.length > 0) throw deleteConflict("entity, must remove users from group first");
}

/** Users of a group. */
export function membersOf(
  documents: Documents,
  account: string,
  group: string,
  page: { limit: number; after?: string | undefined },
): Promise<ListPage<Entity>> {
  return listWhere<Entity>(documents, ENTITY, entityPrefix(account, "user"), {
    ...page,
    wanted: ({ groups = [] }) => groups.some((name) => name.toLowerCase() === group.toLowerCase()),
  });
}
