import type { ListGrantsResponse, ListRetirableGrantsRequest } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { required } from "./input.ts";
import { pageOfGrants } from "./shapes.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListRetirableGrants.html */
export function listRetirableGrants(kms: Kms): Operation<ListRetirableGrantsRequest, ListGrantsResponse> {
  return async (input, { caller }) => {
    const grants = await kms.retirableGrants(caller, required(input.RetiringPrincipal, "RetiringPrincipal"));
    return pageOfGrants(caller, grants, input);
  };
}
