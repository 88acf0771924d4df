import type { GenerateDataKeyRequest, GenerateDataKeyResponse } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { randomBytes } from "node:crypto";
import { dryRun } from "../../kms/errors.ts";
import { dataKeyBytes, refuseRecipient, required } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html */
export function generateDataKey(kms: Kms): Operation<GenerateDataKeyRequest, GenerateDataKeyResponse> {
  return async (input, { caller }) => {
    refuseRecipient(input);
    const clear = randomBytes(dataKeyBytes(input));
    const { blob, arn, materialId } = await kms.encrypt(
      caller,
      required(input.KeyId, "KeyId"),
      clear,
      input.EncryptionContext ?? {},
    );
    if (input.DryRun === true) throw dryRun();
    return { CiphertextBlob: blob, Plaintext: clear, KeyId: arn, KeyMaterialId: materialId };
  };
}
