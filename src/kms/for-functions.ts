/** Keys that functions' variables are under, as Lambda meets them: AWS's encryption context, codes and sentences. */
import { ServiceError } from "../base/errors.ts";
import type { Scope } from "../base/scope.ts";
import type { EncryptionContext, Kms } from "./contract.ts";

/** By KMS's error: Lambda's code, and its reason. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const lambdas: Readonly<Record<string, readonly [code: string, why: string]>> = {
  AccessDeniedException: ["KMSAccessDeniedException", "the KMS access was denied"],
  DisabledException: ["KMSDisabledException", "the KMS key used is disabled"],
  KMSInvalidStateException: ["KMSInvalidStateException", "the KMS key used is in an invalid state for Decrypt"],
  NotFoundException: ["KMSNotFoundException", "the KMS key was not found"],
  InvalidArnException: ["KMSNotFoundException", "the KMS key was not found"],
};

export interface SealedText {
  /** As the function's configuration names the key. */
  readonly key: string;
  /** Base64 */
  readonly blob: string;
}

export function contextOfVariables(functionArn: string): EncryptionContext {
  return { "aws:lambda:FunctionArn": functionArn };
}

/** Throws ServiceError InvalidParameterValueException when the key cannot be used. */
export async function sealVariables(
  kms: Kms,
  scope: Scope,
  functionArn: string,
  key: string,
  variables: Record<string, string>,
): Promise<SealedText> {
  try {
    const clear = Buffer.from(JSON.stringify(variables));
    const { blob } = await kms.encrypt(scope, key, clear, contextOfVariables(functionArn));
    return { key, blob: blob.toString("base64") };
  } catch (error) {
    throw unusableKey(error);
  }
}

/** What creating or changing a function is answered with, where its key is none or cannot be used. */
export function unusableKey(error: unknown): unknown {
  if (!(error instanceof ServiceError)) return error;
  const message =
    "Lambda was unable to configure access to your environment variables because the KMS key is invalid for CreateGrant. " +
    `Please check your KMS key settings. KMS Exception: ${error.code} KMS Message: ${error.message}`;
  return new ServiceError("InvalidParameterValueException", message, { cause: error });
}

/** Throws ServiceError KMS… (502). */
export async function openVariables(
  kms: Kms,
  scope: Scope,
  functionArn: string,
  { key, blob }: SealedText,
): Promise<Record<string, string>> {
  try {
    const { clear } = await kms.decrypt(scope, Buffer.from(blob, "base64"), contextOfVariables(functionArn), key);
    return JSON.parse(clear.toString()) as Record<string, string>;
  } catch (error) {
    throw unopened(error);
  }
}

/** KMS's error in Lambda's terms; others as they are. */
export function unopened(error: unknown): unknown {
  if (!(error instanceof ServiceError)) return error;
  const [code, why] = lambdas[error.code] ?? [];
  if (code === undefined) return error;
  const what = error.code === "AccessDeniedException" ? "your KMS permissions" : "the function's KMS key settings";
  return new ServiceError(
    code,
    `Lambda was unable to decrypt the environment variables because ${why}. Please check ${what}. ` +
      `KMS Exception: ${error.code} KMS Message: ${error.message}`,
    { status: 502, cause: error },
  );
}
