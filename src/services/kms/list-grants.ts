import type { ListGrantsRequest, ListGrantsResponse } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { required } from "./input.ts";
import { pageOfGrants } from "./shapes.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html */
export function listGrants(kms: Kms): Operation<ListGrantsRequest, ListGrantsResponse> {
  return async (input, { caller }) => {
    const { GrantId, GranteePrincipal } = input;
    const keyId = required(input.KeyId, "KeyId");
    const grants = (await kms.listGrants(caller, keyId)).filter(
      ({ id, grantee }) => (GrantId ?? id) === id && (GranteePrincipal ?? grantee) === grantee,
    );
    const { scope } = await kms.find(caller, keyId);
    return pageOfGrants(scope, grants, input);
  };
}
