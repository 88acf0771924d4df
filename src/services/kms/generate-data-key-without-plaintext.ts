import type {
  GenerateDataKeyWithoutPlaintextRequest,
  GenerateDataKeyWithoutPlaintextResponse,
} from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { generateDataKey } from "./generate-data-key.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyWithoutPlaintext.html */
export function generateDataKeyWithoutPlaintext(
  kms: Kms,
): Operation<GenerateDataKeyWithoutPlaintextRequest, GenerateDataKeyWithoutPlaintextResponse> {
  const generate = generateDataKey(kms);
  return async (input, context) => {
    const { CiphertextBlob, KeyId, KeyMaterialId } = await generate(input, context);
    return { CiphertextBlob, KeyId, KeyMaterialId };
  };
}
