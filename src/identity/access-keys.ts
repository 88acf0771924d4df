/** Access keys of users. Their secrets are sealed: they are shown once, when they are made. */
import type { Clock } from "../base/clock.ts";
import type { SecretBox } from "../security/contract.ts";
import { newAccessKey } from "../security/root/root-key.ts";
import type { Documents, Stored } from "../store/contract.ts";
import type { AccessKey } from "./contract.ts";
import { ACCESS_KEY, changeEntity, changing, readAccessKey, readEntity, removal, replacement } from "./documents.ts";
import { limitExceeded, noAccessKey } from "./errors.ts";

const MAX_KEYS = 2;

export interface ShownAccessKey {
  readonly accessKeyId: string;
  readonly userName: string;
  readonly active: boolean;
  readonly createdAt: number;
}

export interface AccessKeys {
  create(account: string, userName: string): Promise<ShownAccessKey & { readonly secretAccessKey: string }>;
  list(account: string, userName: string): Promise<readonly ShownAccessKey[]>;
  setActive(account: string, userName: string, accessKeyId: string, active: boolean): Promise<void>;
  remove(account: string, userName: string, accessKeyId: string): Promise<void>;
  /** Whose key it is; undefined when there is no such key. */
  accountOf(accessKeyId: string): Promise<string | undefined>;
}

export function sealedFor(accessKeyId: string): string {
  return `access key ${accessKeyId}`;
}

export function createAccessKeys(documents: Documents, box: SecretBox, clock: Clock): AccessKeys {
  async function own(account: string, userName: string, id: string): Promise<Stored<AccessKey>> {
    const stored = await readAccessKey(documents, id);
    const { value } = stored ?? {};
    if (stored === undefined || value?.account !== account || value.userName.toLowerCase() !== userName.toLowerCase()) {
      throw noAccessKey(id);
    }
    return stored;
  }

  return {
    async create(account, userName) {
      const made = newAccessKey("AKIA");
      const { accessKeyId, secretAccessKey } = made;
      const createdAt = clock();
      const user = await changeEntity(
        documents,
        { account, kind: "user", name: userName },
        (entity) => {
          const { accessKeys = [] } = entity;
          if (accessKeys.length >= MAX_KEYS)
            throw limitExceeded(`Cannot exceed quota for AccessKeysPerUser: ${MAX_KEYS}`);
          return { ...entity, accessKeys: [...accessKeys, accessKeyId] };
        },
        async (entity) => {
          const sealed = box.seal(secretAccessKey, sealedFor(accessKeyId));
          const value: AccessKey = { account, userName: entity.name, sealed, active: true, createdAt };
          return [{ op: "create", kind: ACCESS_KEY, key: accessKeyId, value }];
        },
      );
      return { ...made, userName: user.name, active: true, createdAt };
    },
    async list(account, userName) {
      const { value: user } = await readEntity(documents, account, "user", userName);
      const keys = await Promise.all(
        (user.accessKeys ?? []).map(async (accessKeyId) => ({
          accessKeyId,
          key: await readAccessKey(documents, accessKeyId),
        })),
      );
      return keys.flatMap(({ accessKeyId, key }) => {
        if (key === undefined) return [];
        const { active, createdAt } = key.value;
        return [{ accessKeyId, userName: user.name, active, createdAt }];
      });
    },
    accountOf: async (accessKeyId) => (await readAccessKey(documents, accessKeyId))?.value.account,
    async setActive(account, userName, accessKeyId, active) {
      await changing(documents, async () => {
        const stored = await own(account, userName, accessKeyId);
        return { writes: [replacement(ACCESS_KEY, stored, { ...stored.value, active })], result: undefined };
      });
    },
    async remove(account, userName, accessKeyId) {
      await changeEntity(
        documents,
        { account, kind: "user", name: userName },
        (entity) => ({ ...entity, accessKeys: (entity.accessKeys ?? []).filter((id) => id !== accessKeyId) }),
        async () => [removal(ACCESS_KEY, await own(account, userName, accessKeyId))],
      );
    },
  };
}
