/** What each operation of STS needs. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html */
import type { PermissionTable } from "../../security/contract.ts";

export const stsPermissions: PermissionTable = {
  // The trust policy of the role takes part in the decision: the operation makes it.
  AssumeRole: () => [],
  AssumeRoleWithWebIdentity: () => [],
  GetAccessKeyInfo: () => [{ action: "sts:GetAccessKeyInfo", resource: "*" }],
  // AWS: everyone who has signed may, whatever the policies say.
  GetCallerIdentity: () => [],
  GetSessionToken: () => [],
};
