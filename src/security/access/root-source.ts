/** The root key and everybody else's as one source of credentials. */
import type { Credential, CredentialSource } from "../contract.ts";
import type { RootKey, RootKeyHolder } from "../root/root-key.ts";
import { rootAccess } from "./access.ts";

type MaybeCredential = Credential | undefined;

/**
 * `others`: whoever is not the root. They come first where a key is not the root's, because to find out whether the root
 * has another key by now takes a look at a file.
 */
export function rootSource(root: Pick<RootKeyHolder, "find" | "current">, others: CredentialSource): CredentialSource {
  let kept: { readonly key: RootKey; readonly credential: Credential } | undefined;

  function ofRoot(key: RootKey | undefined): MaybeCredential {
    if (key === undefined) return undefined;
    if (kept?.key === key) return kept.credential;
    const { caller, ...access } = rootAccess(key.account);
    kept = { key, credential: { secretAccessKey: key.secretAccessKey, principal: caller, access } };
    return kept.credential;
  }

  function rootOf(accessKeyId: string): MaybeCredential | Promise<MaybeCredential> {
    const key = root.find(accessKeyId);
    return key instanceof Promise ? key.then(ofRoot) : ofRoot(key);
  }

  return {
    find(accessKeyId, sessionToken) {
      if (sessionToken === undefined && accessKeyId === root.current().accessKeyId) return rootOf(accessKeyId);
      const orRoot = (found: MaybeCredential): MaybeCredential | Promise<MaybeCredential> =>
        found !== undefined || sessionToken !== undefined ? found : rootOf(accessKeyId);
      const found = others.find(accessKeyId, sessionToken);
      return found instanceof Promise ? found.then(orRoot) : orRoot(found);
    },
  };
}
