/** The root key as credentials. */
import type { CredentialSource } from "../contract.ts";
import type { RootKeyHolder } from "../root/root-key.ts";
import { rootAccess } from "./access.ts";

export function rootSource(root: Pick<RootKeyHolder, "find">): CredentialSource {
  return {
    async find(accessKeyId, sessionToken) {
      const key = sessionToken === undefined ? await root.find(accessKeyId) : undefined;
      if (key === undefined) return undefined;
      const { caller, ...access } = rootAccess(key.account);
      return { secretAccessKey: key.secretAccessKey, principal: caller, access };
    },
  };
}
