/** The root key as credentials. */
import type { CredentialSource } from "../contract.ts";
import type { RootKeyHolder } from "../root/root-key.ts";
import { rootAccess } from "./access.ts";

/** `others`: whoever is not the root. */
export function rootSource(root: Pick<RootKeyHolder, "find">, others: CredentialSource): CredentialSource {
  return {
    async find(accessKeyId, sessionToken) {
      const key = sessionToken === undefined ? await root.find(accessKeyId) : undefined;
      if (key === undefined) return others.find(accessKeyId, sessionToken);
      const { caller, ...access } = rootAccess(key.account);
      return { secretAccessKey: key.secretAccessKey, principal: caller, access };
    },
  };
}
