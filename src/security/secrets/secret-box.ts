/** Secrets under the keys of the state directory, as texts. */
import type { Sealer } from "../../store/contract.ts";
import { KilnError } from "../../base/errors.ts";
import type { SecretBox } from "../contract.ts";

const PREFIX = "v2.";

/** `earlier` opens what was sealed before there were these keys. */
export function createSecretBox(sealer: Sealer, earlier?: SecretBox): SecretBox {
  return {
    seal: (secret, purpose) => PREFIX + sealer.seal(Buffer.from(secret), contextOf(purpose)).toString("base64url"),
    open(sealed, purpose) {
      if (!sealed.startsWith(PREFIX)) return earlier?.open(sealed, purpose);
      try {
        return sealer.open(Buffer.from(sealed.slice(PREFIX.length), "base64url"), contextOf(purpose)).toString();
      } catch (error) {
        // Anybody may send a text that claims to be sealed.
        if (error instanceof KilnError && error.code.startsWith("SEAL_")) return undefined;
        throw error;
      }
    },
  };
}

function contextOf(purpose: string): string {
  return `secret\0${purpose}`;
}
