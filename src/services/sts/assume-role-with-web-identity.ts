import type { AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse } from "@aws-sdk/client-sts";
import { cognitoOf } from "../../identity/index.ts";
import type { PolicyPrincipal } from "../../security/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import type { StsDependencies } from "./dependencies.ts";
import { accessDenied } from "./errors.ts";
import { sessionOf, sessionSeconds } from "./session.ts";

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
export function assumeRoleWithWebIdentity(
  dependencies: StsDependencies,
): Operation<AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse> {
  const { roles, webIdentities } = dependencies.identity;
  return async (input) => {
    const { RoleArn = "", RoleSessionName, WebIdentityToken = "", DurationSeconds } = input;
    const proven = await webIdentities.verify(WebIdentityToken);
    const wanted = await roles.find(RoleArn);
    const arn = `arn:aws:iam::${wanted?.account}:oidc-provider/${proven.provider}`;
    const principal: PolicyPrincipal = { kind: "federated", provider: arn };
    const keys = { ...proven.keys, "sts:rolesessionname": RoleSessionName, "aws:federatedprovider": arn };
    if (wanted === undefined || !roles.trusts(wanted, principal, "sts:AssumeRoleWithWebIdentity", keys)) {
      throw accessDenied("Not authorized to perform sts:AssumeRoleWithWebIdentity");
    }
    const seconds = sessionSeconds(wanted, DurationSeconds, false);
    return {
      ...(await sessionOf(dependencies, wanted, input, seconds, cognitoOf(proven))),
      SubjectFromWebIdentityToken: proven.subject,
      Provider: proven.provider,
      Audience: proven.audience,
    };
  };
}
