import type { DecryptRequest, DecryptResponse } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { dryRun } from "../../kms/errors.ts";
import { bytesOf, refuseRecipient, requireSymmetric } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html */
export function decrypt(kms: Kms): Operation<DecryptRequest, DecryptResponse> {
  return async (input, { caller }) => {
    refuseRecipient(input);
    requireSymmetric(input.EncryptionAlgorithm);
    const blob = bytesOf(input.CiphertextBlob, "CiphertextBlob", 6144);
    const { clear, arn, materialId } = await kms.decrypt(caller, blob, input.EncryptionContext ?? {}, input.KeyId);
    if (input.DryRun === true) throw dryRun();
    return {
      Plaintext: clear,
      KeyId: arn,
      EncryptionAlgorithm: "SYMMETRIC_DEFAULT",
      KeyMaterialId: materialId,
    };
  };
}
