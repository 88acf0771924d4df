export { scopeOf } from "./credential.ts";
export { createOpenAuthenticator, createOpenAuthorizer } from "./open.ts";
