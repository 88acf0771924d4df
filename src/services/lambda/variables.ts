/**
 * Environment variables and code under a key of the user's: who may put them there, and who sees them. AWS shows an error in
 * their place to whoever may not decrypt with the key.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
 * https://docs.aws.amazon.com/lambda/latest/dg/encrypt-zip-package.html
 */
import type { SealedCode } from "../../artifacts/contract.ts";
import type { EnvironmentResponse, FunctionCodeLocationError } from "@aws-sdk/client-lambda";
import { functionArn } from "../../base/arn.ts";
import { ServiceError } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";
import type { VersionView } from "../../functions/contract.ts";
import type { Kms } from "../../kms/contract.ts";
import { contextOf, openCodeKey, openVariables, unopened, unusableKey, type Subject } from "../../kms/for-functions.ts";
import type { Authorizer } from "../../security/contract.ts";
import type { CallContext } from "../../wire/contract.ts";

export interface Variables {
  /** Throws ServiceError AccessDeniedException for who may not use the key, InvalidParameterValueException for no key. */
  requireUse(context: CallContext, scope: Scope, name: string, key: string): Promise<void>;
  /** The same for code. */
  requireCodeUse(context: CallContext, scope: Scope, name: string, key: string): Promise<void>;
  /** What this caller is shown in the place of code; undefined for who may have it. */
  codeErrorOf(
    context: CallContext,
    scope: Scope,
    name: string,
    sealed: SealedCode,
  ): Promise<FunctionCodeLocationError | undefined>;
  /** As this caller sees them. */
  environmentOf(context: CallContext, scope: Scope, view: VersionView): Promise<EnvironmentResponse | undefined>;
}

/** A version with its variables as the caller sees them. */
export type Shown<V extends VersionView> = V & { readonly environment: EnvironmentResponse | undefined };

export async function shown<V extends VersionView>(
  variables: Variables,
  context: CallContext,
  scope: Scope,
  view: V,
): Promise<Shown<V>> {
  return { ...view, environment: await variables.environmentOf(context, scope, view) };
}

/** Where there are no keys of users. */
export const clearVariables: Variables = {
  requireUse: async () => undefined,
  requireCodeUse: async () => undefined,
  codeErrorOf: async () => undefined,
  environmentOf: async (_context, _scope, { version }) => version.settings.Environment,
};

export function createVariables(kms: Kms, authorizer: Pick<Authorizer, "permit">): Variables {
  /** Throws KMS's errors. */
  async function require(action: string, context: CallContext, scope: Scope, name: string, key: string): Promise<void> {
    const { arn } = await kms.find(scope, key);
    const encryption = contextOf(functionArn(scope, name));
    const grantees = await kms.granteesOf(arn, {
      operation: action,
      ...(action === "CreateGrant" ? { handedOn: { operations: ["Encrypt", "Decrypt"] } } : { context: encryption }),
    });
    const keys = {
      ...Object.fromEntries(
        Object.entries(encryption).map(([member, value]) => [`kms:encryptioncontext:${member.toLowerCase()}`, value]),
      ),
      "kms:encryptioncontextkeys": Object.keys(encryption),
      "kms:viaservice": `lambda.${scope.region}.amazonaws.com`,
    };
    const needed = { action: `kms:${action}`, resource: arn, keys, ownPolicy: true, policyRequired: true, grantees };
    await authorizer.permit(context, needed);
  }

  async function requireAll(
    actions: readonly string[],
    what: Subject,
    ...of: [context: CallContext, scope: Scope, name: string, key: string]
  ): Promise<void> {
    try {
      for (const action of actions) await require(action, ...of);
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code !== "AccessDeniedException") throw unusableKey(error, what);
      const message =
        `Lambda was unable to configure access to your ${what} because the KMS access was denied. Please ` +
        `check your KMS permissions. KMS Exception: ${error.code} KMS Message: ${error.message}`;
      throw new ServiceError("AccessDeniedException", message, { status: 403, cause: error });
    }
  }

  return {
    requireUse: (...of) => requireAll(["CreateGrant", "Encrypt"], "environment variables", ...of),
    requireCodeUse: (...of) => requireAll(["GenerateDataKey", "Decrypt"], "deployment package", ...of),
    async codeErrorOf(context, scope, name, sealed) {
      try {
        await require("Decrypt", context, scope, name, sealed.arn);
        await openCodeKey(kms, scope, functionArn(scope, name), sealed);
        return undefined;
      } catch (error) {
        return shownError(unopened(error, "deployment package"));
      }
    },
    async environmentOf(context, scope, { name, version }) {
      const { Environment, SealedVariables: sealed } = version.settings;
      if (sealed === undefined) return Environment;
      try {
        try {
          await require("Decrypt", context, scope, name, sealed.key);
        } catch (error) {
          throw unopened(error);
        }
        return { Variables: await openVariables(kms, scope, functionArn(scope, name), sealed) };
      } catch (error) {
        return { Error: shownError(error) };
      }
    },
  };
}

/** In the place of what the caller does not see. */
function shownError(error: unknown): { ErrorCode: string; Message: string } {
  if (!(error instanceof ServiceError)) throw error;
  const ErrorCode = error.code === "KMSAccessDeniedException" ? "AccessDeniedException" : error.code;
  return { ErrorCode, Message: error.message };
}
