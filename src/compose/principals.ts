/**
 * Policies that name users and roles by their ARNs: those of a state directory that an earlier Kiln has written, and those
 * that were written while authentication was off, when nobody looks whether there is such a user. The first start with
 * authentication makes ids of them, as it is with new ones. Who is not there then has been deleted, as far as anybody can
 * tell: such a name becomes an id that nobody has, so that whoever gets the name later gets nothing else with it.
 */
import { KilnError } from "../base/errors.ts";
import { renamedPrincipals } from "../base/principals.ts";
import { POLICY } from "../functions/keys.ts";
import type { PolicyDocument } from "../functions/policies/contract.ts";
import type { Entity } from "../identity/contract.ts";
import { ENTITY, idWrites, UNIQUE_ID } from "../identity/documents.ts";
import { idOf, idOfNobody } from "../identity/principal-names.ts";
import type { GrantDocument, KeyDocument } from "../kms/contract.ts";
import { GRANT, KEY } from "../kms/names.ts";
import type { QueueDocument } from "../queues/contract.ts";
import { QUEUE } from "../queues/names.ts";
import type { Documents, Stored } from "../store/contract.ts";

/** `ids`: users and roles are found by their ids. `names`: no policy names one by its ARN. */
const SETTLED = "iam-settled";

type Rename = (name: string) => Promise<string>;

/** Where policies are, and the documents with other names in them. */
const edits: Readonly<Record<string, (value: never, rename: Rename) => Promise<unknown>>> = {
  async [ENTITY](entity: Entity, rename: Rename): Promise<Entity> {
    if (entity.role === undefined) return entity;
    return { ...entity, role: { ...entity.role, trust: await renamedPrincipals(entity.role.trust, rename) } };
  },
  async [POLICY](policy: PolicyDocument, rename: Rename): Promise<PolicyDocument> {
    return { ...policy, text: await renamedPrincipals(policy.text, rename) };
  },
  async [KEY](key: KeyDocument, rename: Rename): Promise<KeyDocument> {
    return { ...key, policy: await renamedPrincipals(key.policy, rename) };
  },
  async [GRANT](grant: GrantDocument, rename: Rename): Promise<GrantDocument> {
    const { grantee, retiring } = grant;
    return {
      ...grant,
      grantee: await rename(grantee),
      ...(retiring === undefined ? {} : { retiring: await rename(retiring) }),
    };
  },
  async [QUEUE](queue: QueueDocument, rename: Rename): Promise<QueueDocument> {
    const { Policy } = queue.attributes;
    if (Policy === undefined) return queue;
    return { ...queue, attributes: { ...queue.attributes, Policy: await renamedPrincipals(Policy, rename) } };
  },
};

/** Before anything is decided, and before anybody can change anything. A start that is killed meanwhile does it again. */
export async function settlePrincipals(
  documents: Documents,
  enforced: boolean,
  report: (error: unknown) => void,
): Promise<void> {
  await once(documents, "ids", () => indexIds(documents));
  if (enforced) await once(documents, "names", () => settleNames(documents, report));
  else await documents.remove(SETTLED, "names");
}

async function once(documents: Documents, what: string, work: () => Promise<void>): Promise<void> {
  if ((await documents.get(SETTLED, what)) !== undefined) return;
  await work();
  await documents.create(SETTLED, what, {});
}

async function indexIds(documents: Documents): Promise<void> {
  for await (const { key, value } of walk<Entity>(documents, ENTITY)) {
    if ((await documents.get(UNIQUE_ID, value.id)) !== undefined) continue;
    const [account = ""] = key.split("/");
    await documents.batch(idWrites(account, value));
  }
}

async function settleNames(documents: Documents, report: (error: unknown) => void): Promise<void> {
  /** Ids that were made up, by the names that nobody has. */
  const gone = new Map<string, string>();
  for (const [kind, edit] of Object.entries(edits)) {
    for await (const { key, value, version } of walk<never>(documents, kind)) {
      const nobodies = new Set<string>();
      const next = await edit(value, async (name) => {
        const known = await idOf(documents, name);
        if (known !== undefined) return known;
        const id = gone.get(name) ?? idOfNobody(name);
        if (id === name) return name;
        gone.set(name, id);
        nobodies.add(name);
        return id;
      });
      if (JSON.stringify(next) === JSON.stringify(value)) continue;
      await documents.replace(kind, key, next, version);
      if (nobodies.size > 0) report(namesNobody(kind, key, [...nobodies]));
    }
  }
}

async function* walk<T>(documents: Documents, kind: string): AsyncGenerator<Stored<T>> {
  for (let after: string | undefined; ;) {
    const page = await documents.list<T>(kind, "", { limit: 1000, ...(after === undefined ? {} : { after }) });
    yield* page.items;
    if (page.next === undefined) return;
    after = page.next;
  }
}

function namesNobody(kind: string, key: string, names: readonly string[]): KilnError {
  return new KilnError(
    "POLICY_NAMES_NOBODY",
    `The policy of ${kind} ${key} names ${names.join(", ")}, whom there is not.`,
    { hint: "Whoever gets that name from now on is somebody else: write the policy again to mean them." },
  );
}
