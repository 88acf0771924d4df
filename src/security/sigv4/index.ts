export { scopeOf } from "./credential.ts";
export { createOpenAuthenticator, createOpenAuthorizer, createOpenUrlAuthorizer } from "./open.ts";
export { createSigV4Authenticator, type SigV4Options } from "./verify.ts";
