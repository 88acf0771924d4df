/** The root that is configured; the clients are loaded by those who have use for them. */
import type { OuterRoot } from "./contract.ts";

export type { OuterRoot } from "./contract.ts";

export type RootSettings =
  | { readonly kind: "file" }
  | { readonly kind: "passphrase"; readonly file: string }
  | { readonly kind: "kms"; readonly keyId: string; readonly endpoint: string | undefined; readonly region: string }
  | { readonly kind: "vault"; readonly keyUrl: string; readonly tokenFile: string };

/** Undefined for the key file. Throws KilnError PASSPHRASE_UNUSABLE. */
export async function openRoot(settings: RootSettings): Promise<OuterRoot | undefined> {
  switch (settings.kind) {
    case "file":
      return undefined;
    case "passphrase":
      return (await import("./passphrase.ts")).passphraseRoot(settings.file);
    case "kms":
      return (await import("./kms.ts")).kmsRoot(settings);
    case "vault":
      return (await import("./vault.ts")).vaultRoot(settings);
  }
}
