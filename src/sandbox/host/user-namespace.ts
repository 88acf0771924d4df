/** A user namespace with a range of ids of its own, for programs that cannot make one themselves. */
import { writeFileSync } from "node:fs";
import { KilnError, messageOf } from "../../base/errors.ts";
import { keepNamespace, type KeptNamespace } from "./kept-namespace.ts";

export type UserNamespace = KeptNamespace;

/** Ids of a namespace and what they are on the host, as in /proc/PID/uid_map (user_namespaces(7)). */
export interface IdRange {
  inside: number;
  host: number;
  count: number;
}

function mapText(ranges: readonly IdRange[]): string {
  return ranges.map(({ inside, host, count }) => `${inside} ${host} ${count}\n`).join("");
}

export async function createUserNamespace(
  uids: readonly IdRange[],
  gids: readonly IdRange[] = uids,
): Promise<UserNamespace> {
  try {
    // What comes back was written by cat(1): it is in the namespace.
    return await keepNamespace("user", ["--user", "cat"], (pid) => {
      writeFileSync(`/proc/${pid}/uid_map`, mapText(uids));
      writeFileSync(`/proc/${pid}/gid_map`, mapText(gids));
    });
  } catch (error) {
    throw new KilnError("NO_USER_NAMESPACE", `Cannot make a user namespace: ${messageOf(error)}`, { cause: error });
  }
}
