export { createFunctions, type FunctionsOptions } from "./functions.ts";
export { randomCredentials, type Credentials, type CredentialsFor } from "./credentials.ts";
export { invalidParameter } from "./errors.ts";
export { policyText, statementText } from "./layers/policy-text.ts";
export { noSuchResource, notAllowed } from "./layers/errors.ts";
export { signingSecret } from "./secret.ts";
export { parseUrlHost, urlHost } from "./urls/host.ts";
