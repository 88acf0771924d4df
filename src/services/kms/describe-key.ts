import type { DescribeKeyRequest, DescribeKeyResponse } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { required } from "./input.ts";
import { metadataOf } from "./shapes.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html */
export function describeKey(kms: Kms): Operation<DescribeKeyRequest, DescribeKeyResponse> {
  return async (input, { caller }) => {
    return { KeyMetadata: metadataOf(await kms.find(caller, required(input.KeyId, "KeyId"))) };
  };
}
