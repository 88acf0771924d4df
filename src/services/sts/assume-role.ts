import type { AssumeRoleRequest, AssumeRoleResponse } from "@aws-sdk/client-sts";
import type { Operation } from "../../wire/contract.ts";
import type { StsDependencies } from "./dependencies.ts";
import { accessDenied, mayNotAssume } from "./errors.ts";
import { sessionOf, sessionSeconds } from "./session.ts";

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export function assumeRole(dependencies: StsDependencies): Operation<AssumeRoleRequest, AssumeRoleResponse> {
  const { roles } = dependencies.identity;
  return async (input, context) => {
    const { RoleArn = "", DurationSeconds, ExternalId, SourceIdentity, Tags = [] } = input;
    const { caller } = context;
    const wanted = await roles.find(RoleArn);
    const keys: Record<string, string | readonly string[] | undefined> = {
      "sts:externalid": ExternalId,
      "sts:rolesessionname": input.RoleSessionName,
      "sts:sourceidentity": SourceIdentity,
      ...Object.fromEntries(Tags.map(({ Key = "", Value }) => [`aws:requesttag/${Key.toLowerCase()}`, Value])),
      ...(Tags.length === 0 ? {} : { "aws:tagkeys": Tags.map(({ Key = "" }) => Key) }),
    };
    const actions = ["sts:AssumeRole", ...(Tags.length === 0 ? [] : ["sts:TagSession"])];
    for (const action of actions) {
      if (wanted === undefined || !roles.mayAssume(context, wanted, action, keys)) {
        throw mayNotAssume(caller, action, RoleArn);
      }
    }
    if (wanted === undefined) throw mayNotAssume(caller, "sts:AssumeRole", RoleArn);
    if (caller.kind === "root" && roles.enforced) throw accessDenied("Roles may not be assumed by root accounts.");
    const seconds = sessionSeconds(wanted, DurationSeconds, caller.kind === "session");
    return sessionOf(dependencies, wanted, input, seconds);
  };
}
