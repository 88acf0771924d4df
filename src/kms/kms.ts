/** Keys of users, put together. */
import { type Clock, systemClock } from "../base/clock.ts";
import { asWritten, type PrincipalNames } from "../base/principals.ts";
import type { Documents } from "../store/contract.ts";
import { createAlias, deleteAlias, listAliases, updateAlias } from "./aliases.ts";
import { decrypt, encrypt, keyOf } from "./cipher.ts";
import type { KeyDocument, Kms } from "./contract.ts";
import { all, destroy, findKey, isDue, type KmsDomain } from "./domain.ts";
import {
  createGrant,
  findGrant,
  granteesOf,
  listGrants,
  retirableGrants,
  retireGrant,
  revokeGrant,
  shownGrants,
} from "./grants.ts";
import { cancelDeletion, create, describe, list, scheduleDeletion, setEnabled, setPolicy, tag, untag } from "./keys.ts";
import { KEY, parseKeyArn, scopeKey } from "./names.ts";
import { disableRotation, enableRotation, rotate } from "./rotation.ts";

export interface KmsOptions {
  documents: Documents;
  clock?: Clock;
  /** Why a text is no policy of a key; undefined for one. */
  policyProblem: (text: string) => string | undefined;
  /** Users and roles in policies and grants. Absent: they are kept as they are written. */
  principals?: PrincipalNames;
  /** Failures that no caller waits for. */
  report: (error: unknown) => void;
}

const SWEEP_MS = 60 * 60_000;

export function createKms(options: KmsOptions): Kms {
  const { documents, clock = systemClock, policyProblem, principals = asWritten, report } = options;
  const domain: KmsDomain = { documents, clock, policyProblem, principals };
  let sweeper: NodeJS.Timeout | undefined;

  async function sweep(): Promise<void> {
    for await (const stored of all<KeyDocument>(documents, KEY, "")) {
      if (!isDue(stored.value, clock())) continue;
      const [account = "", region = ""] = stored.key.split("/");
      await destroy(domain, { account, region }, stored);
    }
  }

  async function byArn(arn: string): Promise<KeyDocument | undefined> {
    const name = parseKeyArn(arn);
    return name && (await documents.get<KeyDocument>(KEY, scopeKey(name.scope, name.id)))?.value;
  }

  return {
    create: (...of) => create(domain, ...of),
    find: (...of) => findKey(domain, ...of),
    list: (...of) => list(domain, ...of),
    setEnabled: (...of) => setEnabled(domain, ...of),
    describe: (...of) => describe(domain, ...of),
    scheduleDeletion: (...of) => scheduleDeletion(domain, ...of),
    cancelDeletion: (...of) => cancelDeletion(domain, ...of),
    setPolicy: (...of) => setPolicy(domain, ...of),
    tag: (...of) => tag(domain, ...of),
    untag: (...of) => untag(domain, ...of),
    enableRotation: (...of) => enableRotation(domain, ...of),
    disableRotation: (...of) => disableRotation(domain, ...of),
    rotate: (...of) => rotate(domain, ...of),
    createAlias: (...of) => createAlias(domain, ...of),
    updateAlias: (...of) => updateAlias(domain, ...of),
    deleteAlias: (...of) => deleteAlias(domain, ...of),
    listAliases: (...of) => listAliases(domain, ...of),
    encrypt: (...of) => encrypt(domain, ...of),
    decrypt: (...of) => decrypt(domain, ...of),
    keyOf,
    createGrant: (...of) => createGrant(domain, ...of),
    listGrants: async (...of) => shownGrants(domain, await listGrants(domain, ...of)),
    retirableGrants: async (...of) => shownGrants(domain, await retirableGrants(domain, ...of)),
    revokeGrant: (...of) => revokeGrant(domain, ...of),
    retireGrant: (...of) => retireGrant(domain, ...of),
    findGrant: (...of) => findGrant(domain, ...of),
    granteesOf: (...of) => granteesOf(domain, ...of),
    shownPolicy: ({ key }) => principals.shown(key.policy),
    policyOf: async (arn) => (await byArn(arn))?.policy,
    tagsOf: async (arn) => (await byArn(arn))?.tags,
    async start() {
      await sweep();
      sweeper = setInterval(() => void sweep().catch(report), SWEEP_MS).unref();
    },
    close: () => clearInterval(sweeper),
  };
}
