/** The root key and everybody else's as one source of credentials. */
import type { CredentialSource } from "../contract.ts";
import type { RootKeyHolder } from "../root/root-key.ts";
import { rootAccess } from "./access.ts";

/**
 * `others`: whoever is not the root. They come first where a key is not the root's, because to find out whether the root
 * has another key by now takes a look at a file.
 */
export function rootSource(root: Pick<RootKeyHolder, "find" | "current">, others: CredentialSource): CredentialSource {
  return {
    async find(accessKeyId, sessionToken) {
      if (sessionToken !== undefined || accessKeyId !== root.current().accessKeyId) {
        const found = await others.find(accessKeyId, sessionToken);
        if (found !== undefined || sessionToken !== undefined) return found;
      }
      const key = await root.find(accessKeyId);
      if (key === undefined) return undefined;
      const { caller, ...access } = rootAccess(key.account);
      return { secretAccessKey: key.secretAccessKey, principal: caller, access };
    },
  };
}
