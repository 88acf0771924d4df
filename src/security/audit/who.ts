/**
 * CloudTrail's userIdentity.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 */
import type { Caller } from "../../wire/contract.ts";
import { accessOf } from "../access/access.ts";
import type { JsonObject } from "./contract.ts";

export function userIdentity(caller: Caller | undefined): JsonObject {
  if (caller === undefined) return { type: "Unknown" };
  const { kind, userId, arn, account, accessKeyId } = caller;
  const key = accessKeyId === "" ? {} : { accessKeyId };
  switch (kind) {
    case "root":
      return { type: "Root", principalId: userId, arn, accountId: account, ...key };
    case "user":
      return {
        type: "IAMUser",
        principalId: userId,
        arn,
        accountId: account,
        ...key,
        userName: nameOf(arn),
        ...issued(caller),
      };
    case "session":
      return { type: "AssumedRole", principalId: userId, arn, accountId: account, ...key, ...issued(caller) };
    case "anonymous":
      return { type: "AWSAccount", principalId: "Anonymous", accountId: "anonymous" };
  }
}

/** Whom AWS's lists call the user: a user's name, or that of a session. */
export function userNameOf({ type, userName, arn, accountId }: JsonObject): string | undefined {
  if (typeof userName === "string") return userName;
  if (type === "Root") return "root";
  if (type === "AssumedRole" && typeof arn === "string") return nameOf(arn);
  return typeof accountId === "string" ? accountId : undefined;
}

/** Which role a session is of, and when its credentials were made. */
function issued(caller: Caller): JsonObject {
  const { principal, keys } = accessOf(caller);
  const [creationDate] = keys("aws:tokenissuetime") ?? [];
  const attributes = creationDate === undefined ? {} : { attributes: { creationDate, mfaAuthenticated: "false" } };
  if (principal.kind !== "session") return creationDate === undefined ? {} : { sessionContext: attributes };
  const { roleArn, roleId, account } = principal;
  const sessionIssuer = {
    type: "Role",
    principalId: roleId,
    arn: roleArn,
    accountId: account,
    userName: nameOf(roleArn),
  };
  return { sessionContext: { sessionIssuer, ...attributes } };
}

function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}
