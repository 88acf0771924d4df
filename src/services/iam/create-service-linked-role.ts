import type { CreateServiceLinkedRoleRequest } from "@aws-sdk/client-iam";
import { invalidInput } from "../../identity/index.ts";
import type { Operation } from "../../wire/contract.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html */
export function createServiceLinkedRole(): Operation<CreateServiceLinkedRoleRequest> {
  return async () => {
    throw invalidInput("Service-linked roles are not supported by Kiln: no service here needs one.");
  };
}
