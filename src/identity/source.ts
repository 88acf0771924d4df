/**
 * Whom a key stands for. This is on the path of every call: what was found is kept in memory, and all of it is forgotten
 * when anything of the identities changes, so that a revoked key or a changed policy counts from the next call on.
 */
import { hash } from "node:crypto";
import type { Credential, CredentialSource, SecretBox } from "../security/contract.ts";
import type { Documents } from "../store/contract.ts";
import { rootAccess } from "../security/access/access.ts";
import type { Accesses } from "./accesses.ts";
import { sealedFor } from "./access-keys.ts";
import type { Entity, Session } from "./contract.ts";
import { ACCESS_KEY, ENTITY, entityKey, POLICY, readAccessKey } from "./documents.ts";
import type { Sessions } from "./sessions.ts";

/** Keys whose callers are kept in memory. */
const MOST = 10_000;

export interface IdentitySource extends CredentialSource {
  close(): void;
}

export function createIdentitySource(
  documents: Documents,
  box: SecretBox,
  sessions: Sessions,
  accesses: Accesses,
): IdentitySource {
  const kept = new Map<string, Credential>();
  // Counts changes, so that what was read before a change is not kept after it.
  let changes = 0;
  const forget = (): void => {
    changes += 1;
    kept.clear();
  };
  const watched = [ENTITY, POLICY, ACCESS_KEY].map((kind) => documents.watch(kind, "", forget));

  async function entity(account: string, kind: "user" | "role", name: string): Promise<Entity | undefined> {
    return (await documents.get<Entity>(ENTITY, entityKey(account, kind, name)))?.value;
  }

  async function ofUserKey(accessKeyId: string): Promise<Credential | undefined> {
    const key = (await readAccessKey(documents, accessKeyId))?.value;
    if (key?.active !== true) return undefined;
    const user = await entity(key.account, "user", key.userName);
    const secretAccessKey = box.open(key.sealed, sealedFor(accessKeyId));
    if (user === undefined || secretAccessKey === undefined) return undefined;
    return { secretAccessKey, ...(await accesses.ofUser(key.account, user)) };
  }

  /** A session of an identity that is gone, or that was made anew under the same name, is over. */
  async function ofSession(session: Session): Promise<Credential | undefined> {
    const { account, secretAccessKey, expiresAt, of } = session;
    if (of.kind === "root") {
      const { caller, ...access } = rootAccess(account);
      return { secretAccessKey, expiresAt, principal: caller, access };
    }
    const found = await entity(account, of.kind, of.name);
    if (found?.id !== of.id) return undefined;
    const who =
      of.kind === "user" ? accesses.ofUser(account, found, session) : accesses.ofRole(account, found, session);
    const { principal, access } = await who;
    const { cognito } = session;
    return {
      secretAccessKey,
      expiresAt,
      principal: cognito === undefined ? principal : { ...principal, cognito },
      access,
    };
  }

  async function load(accessKeyId: string, sessionToken: string | undefined): Promise<Credential | undefined> {
    if (sessionToken === undefined) return ofUserKey(accessKeyId);
    const session = sessions.read(accessKeyId, sessionToken);
    return session && ofSession(session);
  }

  async function keep(name: string, accessKeyId: string, sessionToken: string | undefined) {
    const before = changes;
    const found = await load(accessKeyId, sessionToken);
    if (found === undefined || changes !== before) return found;
    kept.set(name, found);
    if (kept.size > MOST) {
      const [oldest] = kept.keys();
      if (oldest !== undefined) kept.delete(oldest);
    }
    return found;
  }

  return {
    find(accessKeyId, sessionToken) {
      const name = sessionToken === undefined ? accessKeyId : `${accessKeyId} ${hash("sha256", sessionToken)}`;
      return kept.get(name) ?? keep(name, accessKeyId, sessionToken);
    },
    close() {
      for (const stop of watched) stop();
    },
  };
}
