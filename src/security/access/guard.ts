/** The three that are asked about every request, as one: `--auth on` and `--auth off` are two sets of them. */
import { ServiceError } from "../../base/errors.ts";
import type { Clock } from "../../base/clock.ts";
import type { Scope } from "../../base/scope.ts";
import type { CallContext } from "../../wire/contract.ts";
import type { Authenticator, Authorizer, CredentialSource, UrlAuthorizer } from "../contract.ts";
import { createPolicyCompiler } from "../policy/index.ts";
import {
  createOpenAuthenticator,
  createOpenAuthorizer,
  createOpenUrlAuthorizer,
  createSigV4Authenticator,
} from "../sigv4/index.ts";
import { accessOf } from "./access.ts";
import { createUrlAuthorizer, type UrlAuthorizerOptions } from "./url-authorizer.ts";

export interface Guard {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly urlAuthorizer: UrlAuthorizer;
}

export interface GuardOptions {
  readonly credentials: CredentialSource;
  readonly policyOf: UrlAuthorizerOptions["policyOf"];
  readonly region: string;
  readonly clock: Clock;
}

/** `--auth off`: whoever reaches the listener. */
export function openGuard(scope: Scope): Guard {
  return {
    authenticator: createOpenAuthenticator(scope),
    authorizer: createOpenAuthorizer(),
    urlAuthorizer: createOpenUrlAuthorizer(),
  };
}

/** `--auth on`: whoever has signed, and may. */
export function createGuard({ credentials, policyOf, region, clock }: GuardOptions): Guard {
  const authenticator = createSigV4Authenticator({ credentials, clock, region });
  const compile = createPolicyCompiler();
  return {
    authenticator,
    authorizer: { authorize: allowRoot },
    urlAuthorizer: createUrlAuthorizer({ authenticator, policyOf, compile }),
  };
}

/** There are no identities but the root of the account, which may do everything in it. */
function allowRoot({ caller, service, operation }: CallContext): void {
  const { principal } = accessOf(caller);
  if (principal.kind === "root" && principal.account === caller.account) return;
  const message = `User: ${caller.arn} is not authorized to perform: ${service}:${operation}`;
  throw new ServiceError("AccessDeniedException", message, { status: 403 });
}
