/** The key that a function's variables are under, as Lambda meets it when it starts an environment. */
import { ServiceError } from "../base/errors.ts";
import type { Scope } from "../base/scope.ts";
import type { Kms } from "./contract.ts";
import { requireEnabled } from "./domain.ts";

/** By KMS's error: Lambda's code, and its reason. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const lambdas: Readonly<Record<string, readonly [code: string, why: string]>> = {
  DisabledException: ["KMSDisabledException", "the KMS key used is disabled"],
  KMSInvalidStateException: ["KMSInvalidStateException", "the KMS key used is in an invalid state for Decrypt"],
  NotFoundException: ["KMSNotFoundException", "the KMS key was not found"],
  InvalidArnException: ["KMSNotFoundException", "the KMS key was not found"],
};

/** Throws ServiceError KMSDisabledException, KMSInvalidStateException or KMSNotFoundException (502). */
export async function requireKeyOfVariables(kms: Kms, scope: Scope, keyArn: string): Promise<void> {
  try {
    requireEnabled(await kms.find(scope, keyArn));
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const [code, why] = lambdas[error.code] ?? [];
    if (code === undefined) throw error;
    throw new ServiceError(
      code,
      `Lambda was unable to decrypt the environment variables because ${why}. Please check the function's KMS key settings. ` +
        `KMS Exception: ${error.code} KMS Message: ${error.message}`,
      { status: 502, cause: error },
    );
  }
}
