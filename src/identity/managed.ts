/** Managed policies of an account, with their versions; and AWS's, which are the same in every account. */
import type { Clock } from "../base/clock.ts";
import type { Documents, Stored, Write } from "../store/contract.ts";
import { awsPolicies } from "./aws-policies.ts";
import { checkedPolicy, policySizes } from "./checked-policy.ts";
import type { ManagedPolicy, Tags } from "./contract.ts";
import { changing, create, listWhere, POLICY, policyKey, removal, replacement, type ListPage } from "./documents.ts";
import type { PageWanted } from "./entities.ts";
import { alreadyExists, deleteConflict, invalidInput, limitExceeded, noPolicy, noSuchEntity } from "./errors.ts";
import { iamArn, newUniqueId } from "./names.ts";

const MAX_VERSIONS = 5;

export interface NewPolicy {
  readonly account: string;
  readonly name: string;
  readonly path?: string | undefined;
  readonly text: string;
  readonly description?: string | undefined;
  readonly tags?: Tags;
}

export interface Managed {
  create(wanted: NewPolicy): Promise<ManagedPolicy>;
  get(account: string, arn: string): Promise<ManagedPolicy>;
  list(account: string, page: PageWanted & { readonly onlyAttached: boolean }): Promise<ListPage<ManagedPolicy>>;
  change(account: string, arn: string, decide: (policy: ManagedPolicy) => ManagedPolicy): Promise<ManagedPolicy>;
  addVersion(account: string, arn: string, text: string, isDefault: boolean): Promise<ManagedPolicy>;
  removeVersion(account: string, arn: string, version: string): Promise<void>;
  setDefault(account: string, arn: string, version: string): Promise<void>;
  remove(account: string, arn: string): Promise<void>;
  /** Writes that count one use more (1) or less (-1). */
  useAsAttachment(account: string, arn: string, by: 1 | -1): Promise<Write[]>;
  useAsBoundary(account: string, arn: string, by: 1 | -1): Promise<Write[]>;
}

export function createManaged(documents: Documents, clock: Clock): Managed {
  async function own(account: string, arn: string): Promise<Stored<ManagedPolicy>> {
    const name = arn.slice(arn.lastIndexOf("/") + 1);
    const stored = await documents.get<ManagedPolicy>(POLICY, policyKey(account, name));
    if (stored === undefined || stored.value.arn !== arn) throw noPolicy(arn);
    return stored;
  }

  function change(
    account: string,
    arn: string,
    decide: (policy: ManagedPolicy) => ManagedPolicy,
  ): Promise<ManagedPolicy> {
    if (awsPolicies.has(arn)) throw invalidInput(`Cannot perform the operation on AWS's policy ${arn}.`);
    return changing(documents, async () => {
      const stored = await own(account, arn);
      const after = decide(stored.value);
      return { writes: [replacement(POLICY, stored, after)], result: after };
    });
  }

  async function count(
    account: string,
    arn: string,
    member: "attachments" | "boundaries",
    by: 1 | -1,
  ): Promise<Write[]> {
    if (awsPolicies.has(arn)) return [];
    const stored = await own(account, arn);
    return [replacement(POLICY, stored, { ...stored.value, [member]: stored.value[member] + by })];
  }

  return {
    async create({ account, name, path = "/", text, description, tags = {} }) {
      const now = clock();
      const policy: ManagedPolicy = {
        name,
        path,
        id: newUniqueId("policy"),
        arn: iamArn(account, "policy", path, name),
        createdAt: now,
        updatedAt: now,
        ...(description === undefined ? {} : { description }),
        tags,
        versions: [{ id: "v1", text: checkedPolicy(text, "identity", ...policySizes.managed), createdAt: now }],
        defaultVersion: "v1",
        nextVersion: 2,
        attachments: 0,
        boundaries: 0,
      };
      const exists = () => alreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`);
      await create(documents, POLICY, policyKey(account, name), policy, exists);
      return policy;
    },
    get: async (account, arn) => awsPolicies.get(arn) ?? (await own(account, arn)).value,
    list: (account, { limit, after, pathPrefix = "/", onlyAttached }) =>
      listWhere<ManagedPolicy>(documents, POLICY, `${account}/`, {
        limit,
        after,
        wanted: ({ path, attachments }) => path.startsWith(pathPrefix) && (!onlyAttached || attachments > 0),
      }),
    change,
    addVersion: (account, arn, text, isDefault) => {
      checkedPolicy(text, "identity", ...policySizes.managed);
      return change(account, arn, (policy) => {
        if (policy.versions.length >= MAX_VERSIONS) {
          throw limitExceeded(
            `A managed policy can have up to ${MAX_VERSIONS} versions. Before you create a new version, you must delete an existing version.`,
          );
        }
        const id = `v${policy.nextVersion}`;
        return {
          ...policy,
          versions: [...policy.versions, { id, text, createdAt: clock() }],
          nextVersion: policy.nextVersion + 1,
          defaultVersion: isDefault ? id : policy.defaultVersion,
          updatedAt: clock(),
        };
      });
    },
    async removeVersion(account, arn, version) {
      await change(account, arn, (policy) => {
        requireVersion(policy, version);
        if (policy.defaultVersion === version) throw deleteConflict("the default version of a policy");
        return { ...policy, versions: policy.versions.filter(({ id }) => id !== version), updatedAt: clock() };
      });
    },
    async setDefault(account, arn, version) {
      await change(account, arn, (policy) => {
        requireVersion(policy, version);
        return { ...policy, defaultVersion: version, updatedAt: clock() };
      });
    },
    async remove(account, arn) {
      if (awsPolicies.has(arn)) throw invalidInput(`Cannot perform the operation on AWS's policy ${arn}.`);
      await changing(documents, async () => {
        const stored = await own(account, arn);
        const { attachments, boundaries, versions } = stored.value;
        if (attachments + boundaries > 0) throw deleteConflict("a policy attached to entities");
        if (versions.length > 1) throw deleteConflict("a policy with more than one version. Delete the others first");
        return { writes: [removal(POLICY, stored)], result: undefined };
      });
    },
    useAsAttachment: (account, arn, by) => count(account, arn, "attachments", by),
    useAsBoundary: (account, arn, by) => count(account, arn, "boundaries", by),
  };
}

function requireVersion(policy: ManagedPolicy, version: string): void {
  if (policy.versions.some(({ id }) => id === version)) return;
  throw noSuchEntity(`Policy ${policy.arn} version ${version} does not exist or is not attachable.`);
}

/** The text that counts. */
export function defaultText({ versions, defaultVersion }: ManagedPolicy): string {
  return versions.find(({ id }) => id === defaultVersion)?.text ?? "";
}
