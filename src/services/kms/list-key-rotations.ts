import type { ListKeyRotationsRequest, ListKeyRotationsResponse } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { pageOf, required } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html */
export function listKeyRotations(kms: Kms): Operation<ListKeyRotationsRequest, ListKeyRotationsResponse> {
  return async (input, { caller }) => {
    const { arn, key } = await kms.find(caller, required(input.KeyId, "KeyId"));
    const { limit, after } = pageOf(input, 1000);
    const rotations = key.materials.filter(({ rotation }) => rotation !== undefined);
    const start = after === undefined ? 0 : rotations.findIndex(({ id }) => id === after) + 1;
    const shown = rotations.slice(start, start + limit);
    const last = shown.at(-1);
    const more = rotations.length > start + limit && last !== undefined;
    return {
      Rotations: shown.map(({ createdAt, rotation }) => ({
        KeyId: arn,
        RotationDate: new Date(createdAt),
        RotationType: rotation,
      })),
      Truncated: more,
      ...(more ? { NextMarker: last.id } : {}),
    };
  };
}
