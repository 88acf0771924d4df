import type { GetSessionTokenRequest, GetSessionTokenResponse } from "@aws-sdk/client-sts";
import type { Session } from "../../identity/index.ts";
import type { Operation } from "../../wire/contract.ts";
import type { StsDependencies } from "./dependencies.ts";
import { accessDenied } from "./errors.ts";
import { shownCredentials } from "./session.ts";

/** Twelve hours, and one for a root. */
const USUAL = 43_200;
const ROOT = 3600;

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html */
export function getSessionToken({
  identity,
}: StsDependencies): Operation<GetSessionTokenRequest, GetSessionTokenResponse> {
  return async ({ DurationSeconds = USUAL, SerialNumber, TokenCode }, { caller }) => {
    if (SerialNumber !== undefined || TokenCode !== undefined) {
      throw accessDenied("MultiFactorAuthentication failed: there are no MFA devices.");
    }
    if (caller.kind === "session" || caller.accessKeyId.startsWith("ASIA")) {
      throw accessDenied("Cannot call GetSessionToken with session credentials");
    }
    const { account, arn, userId, kind } = caller;
    const root = kind === "root";
    const of: Session["of"] = root
      ? { kind: "root" }
      : { kind: "user", name: arn.slice(arn.lastIndexOf("/") + 1), id: userId };
    const seconds = root ? Math.min(DurationSeconds, ROOT) : DurationSeconds;
    return { Credentials: shownCredentials(identity.sessions.issue({ account, of }, seconds)) };
  };
}
