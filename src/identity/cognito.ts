import type { Session } from "./contract.ts";
import type { WebIdentity } from "./web-identity.ts";

const ISSUER = "cognito-identity.amazonaws.com";

/**
 * The identity of an Amazon Cognito identity pool that a token is about; undefined for tokens of other issuers
 * (https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html).
 */
export function cognitoOf({ provider, subject, audience }: WebIdentity): Session["cognito"] {
  return provider === ISSUER ? { identityId: subject, identityPoolId: audience } : undefined;
}
