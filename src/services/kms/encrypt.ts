import type { EncryptRequest, EncryptResponse } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { dryRun } from "../../kms/errors.ts";
import { bytesOf, required, requireSymmetric } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html */
export function encrypt(kms: Kms): Operation<EncryptRequest, EncryptResponse> {
  return async (input, { caller }) => {
    const clear = bytesOf(input.Plaintext, "Plaintext", 4096);
    requireSymmetric(input.EncryptionAlgorithm);
    const { blob, arn } = await kms.encrypt(
      caller,
      required(input.KeyId, "KeyId"),
      clear,
      input.EncryptionContext ?? {},
    );
    if (input.DryRun === true) throw dryRun();
    return { CiphertextBlob: blob, KeyId: arn, EncryptionAlgorithm: "SYMMETRIC_DEFAULT" };
  };
}
