/**
 * Temporary credentials. A session is its token: everything about it is sealed in there, so that it needs no store, ends
 * with its time, and cannot be made by anyone else.
 */
import type { Clock } from "../base/clock.ts";
import type { SecretBox } from "../security/contract.ts";
import { newAccessKey } from "../security/root/root-key.ts";
import type { Session } from "./contract.ts";

export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** ms since the epoch. */
  readonly expiresAt: number;
}

export interface Sessions {
  /** `seconds`: how long it is good. */
  issue(
    of: Omit<Session, "accessKeyId" | "secretAccessKey" | "issuedAt" | "expiresAt">,
    seconds: number,
  ): SessionCredentials;
  /** Undefined for a token that is not of this key, or not ours. Says nothing of its time. */
  read(accessKeyId: string, sessionToken: string): Session | undefined;
}

const PURPOSE = "session token";
/** Characters that a token has at most: session policies and tags are bounded. */
const LONGEST = 64 * 1024;

export function createSessions(box: SecretBox, clock: Clock): Sessions {
  return {
    issue(of, seconds) {
      const keys = newAccessKey("ASIA");
      const issuedAt = clock();
      const session: Session = { ...of, ...keys, issuedAt, expiresAt: issuedAt + seconds * 1000 };
      return { ...keys, sessionToken: box.seal(JSON.stringify(session), PURPOSE), expiresAt: session.expiresAt };
    },
    read(accessKeyId, sessionToken) {
      if (sessionToken.length > LONGEST) return undefined;
      const text = box.open(sessionToken, PURPOSE);
      const session = text === undefined ? undefined : (JSON.parse(text) as Session);
      return session?.accessKeyId === accessKeyId ? session : undefined;
    },
  };
}
