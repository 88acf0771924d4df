import type { CreateGrantRequest, CreateGrantResponse } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { partitionOf } from "../../base/arn.ts";
import type { GrantDocument } from "../../kms/contract.ts";
import { dryRun, validation } from "../../kms/errors.ts";
import { required } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html */
export function createGrant(kms: Kms): Operation<CreateGrantRequest, CreateGrantResponse> {
  return async (input, { caller }) => {
    const { Name, RetiringPrincipal, Constraints } = input;
    const operations = required(input.Operations, "Operations");
    if (operations.length === 0) throw validation("A grant has operations.");
    const wanted = {
      grantee: required(input.GranteePrincipal, "GranteePrincipal"),
      operations,
      issuer: `arn:${partitionOf(caller.region)}:iam::${caller.account}:root`,
      ...(Name === undefined ? {} : { name: Name }),
      ...(RetiringPrincipal === undefined ? {} : { retiring: RetiringPrincipal }),
      ...(Constraints === undefined ? {} : { constraints: Constraints as NonNullable<GrantDocument["constraints"]> }),
    };
    if (input.DryRun === true) throw dryRun();
    const { id, token } = await kms.createGrant(caller, required(input.KeyId, "KeyId"), wanted);
    return { GrantId: id, GrantToken: token };
  };
}
