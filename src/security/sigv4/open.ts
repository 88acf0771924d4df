/**
 * `--auth off`: any key is taken, and no signature is checked. The scope of the signature says where the caller is: a
 * key id of 12 digits is the account, the region is the scope's. An unsigned request gets the defaults.
 */
import { ServiceError } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";
import type { Caller } from "../../wire/contract.ts";
import {
  URL_FORBIDDEN,
  type Authenticator,
  type Authorizer,
  type CredentialScope,
  type UrlAuthorizer,
} from "../contract.ts";
import { refuseForeignPages } from "./browser.ts";
import { scopeOf } from "./credential.ts";

const accountId = /^\d{12}$/;

export function createOpenAuthenticator(defaults: Scope): Authenticator {
  if (!accountId.test(defaults.account))
    throw new TypeError(`the default account is not 12 digits: ${defaults.account}`);
  return {
    scopeOf,
    authenticate: ({ headers }, claimed) => {
      refuseForeignPages(headers);
      const caller = callerOf(claimed, defaults);
      return () => caller;
    },
    anonymous: ({ headers }) => {
      refuseForeignPages(headers);
      return callerOf(undefined, defaults);
    },
  };
}

function callerOf(claimed: CredentialScope | undefined, defaults: Scope): Caller {
  const accessKeyId = claimed?.accessKeyId ?? "";
  const account = accountId.test(accessKeyId) ? accessKeyId : defaults.account;
  const region = claimed === undefined || claimed.region === "" ? defaults.region : claimed.region;
  return { kind: "root", userId: account, accessKeyId, account, region, arn: `arn:aws:iam::${account}:root` };
}

/** Allows everything: the partner of the open authenticator. */
export function createOpenAuthorizer(): Authorizer {
  return { authorize: () => undefined, permit: () => undefined };
}

/** Everyone may call URLs that ask for no identity; nobody can prove one to those that do. */
export function createOpenUrlAuthorizer(): UrlAuthorizer {
  return {
    authorizeUrl({ authType }) {
      if (authType === "NONE") return () => undefined;
      throw new ServiceError("AccessDeniedException", URL_FORBIDDEN, { status: 403 });
    },
  };
}
