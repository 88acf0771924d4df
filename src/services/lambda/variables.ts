/**
 * Environment variables under a key of the user's: who may put them there, and who sees them. AWS shows an error in their
 * place to whoever may not decrypt with the key.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
 */
import type { EnvironmentResponse } from "@aws-sdk/client-lambda";
import { functionArn } from "../../base/arn.ts";
import { ServiceError } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";
import type { VersionView } from "../../functions/contract.ts";
import type { Kms } from "../../kms/contract.ts";
import { contextOfVariables, openVariables, unopened, unusableKey } from "../../kms/for-functions.ts";
import type { Authorizer } from "../../security/contract.ts";
import type { CallContext } from "../../wire/contract.ts";

export interface Variables {
  /** Throws ServiceError AccessDeniedException for who may not use the key, InvalidParameterValueException for no key. */
  requireUse(context: CallContext, scope: Scope, name: string, key: string): Promise<void>;
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
  environmentOf: async (_context, _scope, { version }) => version.settings.Environment,
};

export function createVariables(kms: Kms, authorizer: Pick<Authorizer, "permit">): Variables {
  /** Throws KMS's errors. */
  async function require(action: string, context: CallContext, scope: Scope, name: string, key: string): Promise<void> {
    const { arn } = await kms.find(scope, key);
    const encryption = contextOfVariables(functionArn(scope, name));
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

  return {
    async requireUse(context, scope, name, key) {
      try {
        for (const action of ["CreateGrant", "Encrypt"]) await require(action, context, scope, name, key);
      } catch (error) {
        if (!(error instanceof ServiceError) || error.code !== "AccessDeniedException") throw unusableKey(error);
        const message =
          "Lambda was unable to configure access to your environment variables because the KMS access was denied. Please " +
          `check your KMS permissions. KMS Exception: ${error.code} KMS Message: ${error.message}`;
        throw new ServiceError("AccessDeniedException", message, { status: 403, cause: error });
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
        if (!(error instanceof ServiceError)) throw error;
        const ErrorCode = error.code === "KMSAccessDeniedException" ? "AccessDeniedException" : error.code;
        return { Error: { ErrorCode, Message: error.message } };
      }
    },
  };
}
