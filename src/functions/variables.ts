/** Environment variables under a key of the user's (`KMSKeyArn`): encrypted with it as they are stored, opened by who starts. */
import { functionArn } from "../base/arn.ts";
import type { Scope } from "../base/scope.ts";
import type { SealedVariables, Settings } from "./contract.ts";

export interface VariableKeys {
  /** Throws ServiceError InvalidParameterValueException when the key cannot be used. */
  seal(scope: Scope, functionArn: string, key: string, variables: Record<string, string>): Promise<SealedVariables>;
  /** Throws ServiceError KMSDisabledException, KMSInvalidStateException, KMSNotFoundException, KMSAccessDeniedException. */
  open(scope: Scope, functionArn: string, sealed: SealedVariables): Promise<Record<string, string>>;
}

/** The settings as they are stored: what was sealed stays as it is while neither the variables nor the key change. */
export async function withSealedVariables(
  keys: VariableKeys | undefined,
  scope: Scope,
  name: string,
  settings: Settings,
): Promise<Settings> {
  if (keys === undefined) return settings;
  const arn = functionArn(scope, name);
  const { Environment, SealedVariables, KMSKeyArn: key, ...rest } = settings;
  const kept = key === undefined ? rest : { ...rest, KMSKeyArn: key };
  if (Environment === undefined) {
    if (SealedVariables === undefined || SealedVariables.key === key) return settings;
    const variables = await keys.open(scope, arn, SealedVariables);
    if (key === undefined) return { ...kept, Environment: { Variables: variables } };
    return { ...kept, SealedVariables: await keys.seal(scope, arn, key, variables) };
  }
  if (key === undefined || Object.keys(Environment.Variables).length === 0) return { ...kept, Environment };
  return { ...kept, SealedVariables: await keys.seal(scope, arn, key, Environment.Variables) };
}

/** What the function's processes get. */
export async function variablesOf(
  keys: VariableKeys | undefined,
  scope: Scope,
  name: string,
  { Environment, SealedVariables }: Settings,
): Promise<Record<string, string>> {
  if (SealedVariables === undefined) return Environment?.Variables ?? {};
  if (keys === undefined) throw new TypeError("nobody can open the variables of functions here");
  return keys.open(scope, functionArn(scope, name), SealedVariables);
}
