import type { GenerateRandomRequest, GenerateRandomResponse } from "@aws-sdk/client-kms";
import type { Operation } from "../../wire/contract.ts";
import { randomBytes } from "node:crypto";
import { validation } from "../../kms/errors.ts";
import { refuseRecipient, required } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html */
export function generateRandom(): Operation<GenerateRandomRequest, GenerateRandomResponse> {
  return async (input) => {
    refuseRecipient(input);
    const count = required(input.NumberOfBytes, "NumberOfBytes");
    if (!(count >= 1 && count <= 1024)) throw validation("NumberOfBytes is 1 to 1024.");
    return { Plaintext: randomBytes(count) };
  };
}
