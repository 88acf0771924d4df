/** The keys that data is encrypted with, as a running Kiln holds them. */
import { KilnError } from "../../base/errors.ts";

export interface DataKey {
  /** 8 hexadecimal digits; part of everything that was sealed with it. */
  readonly id: string;
  /** 32 random bytes; only keys that are derived from them encrypt. */
  readonly secret: Buffer;
  /** RFC 3339 */
  readonly createdAt: string;
}

export interface DataKeys {
  /** For what is sealed now. */
  current(): DataKey;
  find(id: string): DataKey | undefined;
}

export function keyMissing(id: string): KilnError {
  return new KilnError("SEAL_KEY_MISSING", `Data is sealed with the key ${id}, which is not in keys.json.`, {
    hint: "Put keys.json of this state directory back from a backup.",
  });
}

export function unreadable(what: string): KilnError {
  return new KilnError("SEAL_BROKEN", `${what} cannot be decrypted: it was changed, or belongs elsewhere.`, {
    hint: "Restore the state directory from a backup.",
  });
}
