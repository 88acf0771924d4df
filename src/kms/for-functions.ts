/** Keys that functions' variables and code are under, as Lambda meets them: AWS's encryption context, codes and sentences. */
import { randomBytes } from "node:crypto";
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

export interface SealedCode {
  /** As the request named the key. */
  readonly key: string;
  /** Of the key itself, also where the request named an alias. */
  readonly arn: string;
  /** Base64 */
  readonly dataKey: string;
}

export interface SealedText {
  /** As the function's configuration names the key. */
  readonly key: string;
  /** Base64 */
  readonly blob: string;
}

export function contextOf(functionArn: string): EncryptionContext {
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
    const { blob } = await kms.encrypt(scope, key, clear, contextOf(functionArn));
    return { key, blob: blob.toString("base64") };
  } catch (error) {
    throw unusableKey(error);
  }
}

/** A data key for the code of a function. Throws ServiceError InvalidParameterValueException when the key cannot be used. */
export async function makeCodeKey(
  kms: Kms,
  scope: Scope,
  functionArn: string,
  key: string,
): Promise<{ sealed: SealedCode; clear: Uint8Array }> {
  const clear = randomBytes(32);
  try {
    const { blob, arn } = await kms.encrypt(scope, key, clear, contextOf(functionArn));
    return { sealed: { key, arn, dataKey: blob.toString("base64") }, clear };
  } catch (error) {
    throw unusableKey(error, "deployment package");
  }
}

/** Throws ServiceError KMS… (502). Not by the name: an alias may lead to another key by now. */
export async function openCodeKey(
  kms: Kms,
  scope: Scope,
  functionArn: string,
  { arn, dataKey }: Pick<SealedCode, "arn" | "dataKey">,
): Promise<Uint8Array> {
  try {
    return (await kms.decrypt(scope, Buffer.from(dataKey, "base64"), contextOf(functionArn), arn)).clear;
  } catch (error) {
    throw unopened(error, "deployment package");
  }
}

/** What keys are for, in messages. */
export type Subject = "environment variables" | "deployment package";

/** What creating or changing a function is answered with, where its key is none or cannot be used. */
export function unusableKey(error: unknown, what: Subject = "environment variables"): unknown {
  const action = what === "environment variables" ? "CreateGrant" : "GenerateDataKey";
  if (!(error instanceof ServiceError)) return error;
  const message =
    `Lambda was unable to configure access to your ${what} because the KMS key is invalid for ${action}. ` +
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
    const { clear } = await kms.decrypt(scope, Buffer.from(blob, "base64"), contextOf(functionArn), key);
    return JSON.parse(clear.toString()) as Record<string, string>;
  } catch (error) {
    throw unopened(error);
  }
}

/** KMS's error in Lambda's terms; others as they are. */
export function unopened(error: unknown, subject: Subject = "environment variables"): unknown {
  if (!(error instanceof ServiceError)) return error;
  const [code, why] = lambdas[error.code] ?? [];
  if (code === undefined) return error;
  const what = error.code === "AccessDeniedException" ? "your KMS permissions" : "the function's KMS key settings";
  return new ServiceError(
    code,
    `Lambda was unable to decrypt the ${subject} because ${why}. Please check ${what}. ` +
      `KMS Exception: ${error.code} KMS Message: ${error.message}`,
    { status: 502, cause: error },
  );
}
