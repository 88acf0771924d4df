import type {
  GenerateDataKeyWithoutPlaintextRequest,
  GenerateDataKeyWithoutPlaintextResponse,
} from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { randomBytes } from "node:crypto";
import { dryRun } from "../../kms/errors.ts";
import { dataKeyBytes, required } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyWithoutPlaintext.html */
export function generateDataKeyWithoutPlaintext(
  kms: Kms,
): Operation<GenerateDataKeyWithoutPlaintextRequest, GenerateDataKeyWithoutPlaintextResponse> {
  return async (input, { caller }) => {
    const clear = randomBytes(dataKeyBytes(input));
    const { blob, arn, materialId } = await kms.encrypt(
      caller,
      required(input.KeyId, "KeyId"),
      clear,
      input.EncryptionContext ?? {},
    );
    if (input.DryRun === true) throw dryRun();
    return { CiphertextBlob: blob, KeyId: arn, KeyMaterialId: materialId };
  };
}
