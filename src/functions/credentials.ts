/** Credentials that an environment gets for its function's role. */
import { randomText } from "../base/ids.ts";
import type { Scope } from "../base/scope.ts";
import type { Assignment } from "../worker/contract.ts";

export type Credentials = Assignment["credentials"];

export interface RoleWanted {
  scope: Scope;
  role: string;
  functionArn: string;
}

export type CredentialsFor = (wanted: RoleWanted) => Credentials | Promise<Credentials>;

/** Throws ServiceError for a role that Lambda cannot take for this function. */
export type RequireRole = (wanted: RoleWanted) => Promise<void>;

const upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const mixed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Well-formed credentials that open nothing: for a platform without a token service. */
export function randomCredentials(): Credentials {
  return {
    accessKeyId: `ASIA${randomText(16, upper)}`,
    secretAccessKey: randomText(40, mixed),
    sessionToken: randomText(128, mixed),
  };
}
