/** A key of AWS KMS, or of a server that speaks as it does. */
import { DecryptCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { KilnError, messageOf } from "../../../base/errors.ts";
import type { OuterRoot } from "./contract.ts";

export interface KmsRootOptions {
  /** ARN of a key or an alias, an id, or `alias/…`. */
  readonly keyId: string;
  /** Undefined: AWS's own, in the region of the ARN. */
  readonly endpoint: string | undefined;
  readonly region: string;
}

const PREFIX = "kms:";
/** ms */
const DEADLINE = 30_000;

/** Credentials are found as every program of AWS finds them: variables, profiles, roles of machines. */
export function kmsRoot({ keyId, endpoint, region }: KmsRootOptions): OuterRoot {
  const where = /^arn:[^:]*:kms:([^:]*):/.exec(keyId)?.[1] ?? region;

  async function call<T>(work: (client: KMSClient, abortSignal: AbortSignal) => Promise<T>): Promise<T> {
    const client = new KMSClient({ region: where, maxAttempts: 5, ...(endpoint === undefined ? {} : { endpoint }) });
    try {
      return await work(client, AbortSignal.timeout(DEADLINE));
    } catch (cause) {
      throw new KilnError("ROOT_UNAVAILABLE", `KMS does not let the key ${keyId} be used: ${messageOf(cause)}`, {
        hint: "Kiln needs kms:Encrypt and kms:Decrypt on it, to start and to rotate its keys.",
        cause,
      });
    } finally {
      client.destroy();
    }
  }

  return {
    name: `the KMS key ${keyId}`,
    knows: (root) => root.startsWith(PREFIX),
    async wrap(key, context) {
      const { CiphertextBlob, KeyId = keyId } = await call((client, abortSignal) =>
        client.send(new EncryptCommand({ KeyId: keyId, Plaintext: key, EncryptionContext: contextOf(context) }), {
          abortSignal,
        }),
      );
      return { root: PREFIX + KeyId, wrapped: Buffer.from(CiphertextBlob ?? []).toString("base64") };
    },
    async unwrap({ root, wrapped }, context) {
      const CiphertextBlob = Buffer.from(wrapped, "base64");
      const { Plaintext } = await call((client, abortSignal) =>
        client.send(
          new DecryptCommand({
            CiphertextBlob,
            KeyId: root.slice(PREFIX.length),
            EncryptionContext: contextOf(context),
          }),
          { abortSignal },
        ),
      );
      return Buffer.from(Plaintext ?? []);
    },
  };
}

function contextOf(context: Buffer): Record<string, string> {
  return { "kiln:data-key": context.toString("base64url") };
}
