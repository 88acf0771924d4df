export { scopeOf } from "./credential.ts";
export { createOpenAuthenticator, createOpenAuthorizer, createOpenUrlAuthorizer } from "./open.ts";
