import type { CreateKeyRequest, CreateKeyResponse } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { partitionOf } from "../../base/arn.ts";
import { unsupported, validation } from "../../kms/errors.ts";
import { defaultPolicy } from "../../kms/keys.ts";
import { metadataOf, tagsOf } from "./shapes.ts";

/** Symmetric keys of Kiln's own are all that there are. */
function refuseOthers({
  KeySpec,
  CustomerMasterKeySpec,
  KeyUsage,
  Origin,
  MultiRegion,
  Description = "",
}: CreateKeyRequest): void {
  const spec = KeySpec ?? CustomerMasterKeySpec ?? "SYMMETRIC_DEFAULT";
  if (spec !== "SYMMETRIC_DEFAULT")
    throw unsupported(`Keys of the spec ${spec} are not built: only SYMMETRIC_DEFAULT is.`);
  if ((KeyUsage ?? "ENCRYPT_DECRYPT") !== "ENCRYPT_DECRYPT") {
    throw validation(`KeyUsage ${KeyUsage} is not compatible with KeySpec SYMMETRIC_DEFAULT`);
  }
  if ((Origin ?? "AWS_KMS") !== "AWS_KMS") throw unsupported(`The origin ${Origin} is not built: only AWS_KMS is.`);
  if (MultiRegion === true) throw unsupported("Multi-Region keys are not built.");
  if (Description.length > 8192) throw validation("A description has 8192 characters at most.");
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html */
export function createKey(kms: Kms): Operation<CreateKeyRequest, CreateKeyResponse> {
  return async (input, { caller }) => {
    refuseOthers(input);
    const policy = input.Policy ?? defaultPolicy(partitionOf(caller.region), caller.account);
    const tags = tagsOf(input.Tags);
    return {
      KeyMetadata: metadataOf(await kms.create(caller, { description: input.Description ?? "", policy, tags })),
    };
  };
}
