/** The three that are asked about every request, as one: `--auth on` and `--auth off` are two sets of them. */
import type { Clock } from "../../base/clock.ts";
import type { Scope } from "../../base/scope.ts";
import type { Authenticator, Authorizer, CredentialSource, UrlAuthorizer } from "../contract.ts";
import { createPolicyCompiler } from "../policy/index.ts";
import {
  createOpenAuthenticator,
  createOpenAuthorizer,
  createOpenUrlAuthorizer,
  createSigV4Authenticator,
} from "../sigv4/index.ts";
import { limitFailures } from "./failure-limit.ts";
import { createAuthorizer, type AuthorizerOptions } from "./authorizer.ts";
import { createUrlAuthorizer, type UrlAuthorizerOptions } from "./url-authorizer.ts";

export interface Guard {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly urlAuthorizer: UrlAuthorizer;
}

export interface GuardOptions {
  readonly credentials: CredentialSource;
  /** What the operations of each service need. */
  readonly tables: AuthorizerOptions["tables"];
  readonly policyOf: UrlAuthorizerOptions["policyOf"];
  readonly tagsOf: AuthorizerOptions["tagsOf"];
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
export function createGuard({ credentials, tables, policyOf, tagsOf, region, clock }: GuardOptions): Guard {
  const authenticator = limitFailures(createSigV4Authenticator({ credentials, clock, region }), clock);
  const compile = createPolicyCompiler();
  return {
    authenticator,
    authorizer: createAuthorizer({ tables, policyOf, compile, tagsOf }),
    urlAuthorizer: createUrlAuthorizer({ authenticator, policyOf, compile }),
  };
}
