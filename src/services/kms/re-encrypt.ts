import type { ReEncryptRequest, ReEncryptResponse } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { dryRun } from "../../kms/errors.ts";
import { bytesOf, required, requireSymmetric } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html */
export function reEncrypt(kms: Kms): Operation<ReEncryptRequest, ReEncryptResponse> {
  return async (input, { caller }) => {
    requireSymmetric(input.SourceEncryptionAlgorithm);
    requireSymmetric(input.DestinationEncryptionAlgorithm);
    const blob = bytesOf(input.CiphertextBlob, "CiphertextBlob", 6144);
    const target = required(input.DestinationKeyId, "DestinationKeyId");
    const { clear, arn: from } = await kms.decrypt(
      caller,
      blob,
      input.SourceEncryptionContext ?? {},
      input.SourceKeyId,
    );
    const { blob: next, arn } = await kms.encrypt(caller, target, clear, input.DestinationEncryptionContext ?? {});
    if (input.DryRun === true) throw dryRun();
    return {
      CiphertextBlob: next,
      SourceKeyId: from,
      KeyId: arn,
      SourceEncryptionAlgorithm: "SYMMETRIC_DEFAULT",
      DestinationEncryptionAlgorithm: "SYMMETRIC_DEFAULT",
    };
  };
}
