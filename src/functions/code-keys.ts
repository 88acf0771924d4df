/**
 * Code under a key of the user's (`SourceKMSKeyArn`): a data key for each zip, encrypted with it. Every start of an environment
 * asks for it, as for that of the variables.
 * https://docs.aws.amazon.com/lambda/latest/dg/encrypt-zip-package.html
 */
import type { SealedCode, StoredArtifact } from "../artifacts/contract.ts";
import { functionArn } from "../base/arn.ts";
import type { Scope } from "../base/scope.ts";

export interface CodeKeys {
  /** A new one. Throws ServiceError InvalidParameterValueException when the key cannot be used. */
  make(scope: Scope, functionArn: string, key: string): Promise<CodeKey>;
  /** Throws ServiceError KMSDisabledException, KMSInvalidStateException, KMSNotFoundException, KMSAccessDeniedException. */
  open(scope: Scope, functionArn: string, sealed: SealedCode): Promise<Uint8Array>;
}

export interface CodeKey {
  readonly sealed: SealedCode;
  /** 32 bytes */
  readonly clear: Uint8Array;
}

/** Undefined for code that has none. */
export async function keyOfCode(
  keys: CodeKeys | undefined,
  scope: Scope,
  name: string,
  { sealed }: StoredArtifact,
): Promise<Uint8Array | undefined> {
  if (sealed === undefined) return undefined;
  if (keys === undefined) throw new TypeError("nobody can open the code of functions here");
  return keys.open(scope, functionArn(scope, name), sealed);
}
