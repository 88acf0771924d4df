/** What wraps the data keys, of what several settings say. */
import { KilnError } from "../base/errors.ts";
import type { Config } from "./config.ts";

export interface KeyRootWanted {
  passphrase: string;
  kms: string;
  kmsEndpoint: string;
  vault: string;
  vaultToken: string;
  region: string;
}

/** Throws KilnError CONFIG_INVALID. */
export function keyRootOf({
  passphrase,
  kms,
  kmsEndpoint,
  vault,
  vaultToken,
  region,
}: KeyRootWanted): Config["keyRoot"] {
  if ([passphrase, kms, vault].filter((each) => each !== "").length > 1) {
    throw new KilnError("CONFIG_INVALID", "More than one root of the keys is named.", {
      hint: "Set one of KILN_KEY_PASSPHRASE_FILE, KILN_KEY_KMS and KILN_KEY_VAULT, or none for the key file.",
    });
  }
  if ((vault === "") !== (vaultToken === "")) {
    throw new KilnError("CONFIG_INVALID", "Only one of KILN_KEY_VAULT and KILN_KEY_VAULT_TOKEN_FILE is set.", {
      hint: "Set both: the key's address, and the file with the token.",
    });
  }
  if (passphrase !== "") return { kind: "passphrase", file: passphrase };
  if (kms !== "") return { kind: "kms", keyId: kms, region, endpoint: kmsEndpoint === "" ? undefined : kmsEndpoint };
  if (vault !== "") return { kind: "vault", keyUrl: vault, tokenFile: vaultToken };
  return { kind: "file" };
}
