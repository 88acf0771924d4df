/**
 * A key of the transit engine of Vault or OpenBao. What has to go along with a data key is wrapped with it, since not every
 * version of them authenticates more than the text. https://developer.hashicorp.com/vault/api-docs/secret/transit
 */
import { hash, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import { KilnError, messageOf } from "../../../base/errors.ts";
import type { OuterRoot } from "./contract.ts";

export interface VaultRootOptions {
  /** `https://vault:8200/v1/transit/keys/NAME` */
  readonly keyUrl: string;
  /** Read at every use: something else may renew it. */
  readonly tokenFile: string;
}

const PREFIX = "vault:";
/** ms */
const DEADLINE = 30_000;
const MAX_BYTES = 64 * 1024;
const HASH_BYTES = 32;
const keyPath = /^(https?:\/\/.+)\/keys\/([\w.-]+)$/;

export function vaultRoot({ keyUrl, tokenFile }: VaultRootOptions): OuterRoot {
  const [, engine = "", name = ""] = keyPath.exec(keyUrl) ?? [];

  async function call(what: "encrypt" | "decrypt", content: Record<string, string>, member: string): Promise<string> {
    try {
      const token = (await readFile(tokenFile, "utf8")).trim();
      const response = await fetch(`${engine}/${what}/${name}`, {
        method: "POST",
        headers: { "x-vault-token": token, "x-vault-request": "true", "content-type": "application/json" },
        body: JSON.stringify(content),
        redirect: "error",
        signal: AbortSignal.timeout(DEADLINE),
      });
      const text = (await response.text()).slice(0, MAX_BYTES);
      if (!response.ok) throw new Error(`${response.status} ${text.slice(0, 300)}`);
      const value = (JSON.parse(text) as { data?: Record<string, unknown> }).data?.[member];
      if (typeof value !== "string") throw new Error(`there is no ${member} in the answer`);
      return value;
    } catch (error) {
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
      throw new KilnError("ROOT_UNAVAILABLE", `Vault does not let the key ${keyUrl} be used: ${messageOf(cause)}`, {
        hint: `The token in ${tokenFile} needs update on …/encrypt/${name} and …/decrypt/${name}.`,
        cause: error,
      });
    }
  }

  return {
    name: `the Vault key ${keyUrl}`,
    knows: (root) => root.startsWith(PREFIX),
    async wrap(key, context) {
      const plaintext = Buffer.concat([digest(context), key]).toString("base64");
      const wrapped = await call("encrypt", { plaintext }, "ciphertext");
      return { root: PREFIX + name, wrapped: Buffer.from(wrapped).toString("base64") };
    },
    async unwrap({ wrapped }, context) {
      const ciphertext = Buffer.from(wrapped, "base64").toString();
      const bytes = Buffer.from(await call("decrypt", { ciphertext }, "plaintext"), "base64");
      const own = bytes.length > HASH_BYTES && timingSafeEqual(bytes.subarray(0, HASH_BYTES), digest(context));
      if (!own) throw new KilnError("ROOT_REFUSED", "What Vault has opened is the key of something else.");
      return bytes.subarray(HASH_BYTES);
    },
  };
}

function digest(context: Buffer): Buffer {
  return hash("sha256", context, "buffer");
}
