import type { FunctionConfiguration, UpdateFunctionConfigurationRequest } from "@aws-sdk/client-lambda";
import { ServiceError } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";
import { invalidParameter } from "../../functions/index.ts";
import type { VersionView } from "../../functions/contract.ts";
import type { CallContext, Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedWholeFunction } from "./names.ts";
import { changed } from "./shapes.ts";
import { shown, type Variables } from "./variables.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html */
export function updateFunctionConfiguration({
  functions,
  variables,
}: LambdaDependencies): Operation<UpdateFunctionConfigurationRequest, FunctionConfiguration> {
  return async (input, context) => {
    const { scope, name } = namedWholeFunction(context, input.FunctionName);
    const current = await functions.get(scope, name, undefined);
    await requireKeys(variables, context, scope, current, input);
    const view = await functions.updateConfiguration(scope, name, input);
    return changed(scope, await shown(variables, context, scope, view));
  };
}

/** What is written needs the key that it comes under; what is moved to another key, the one that it is under as well. */
async function requireKeys(
  variables: Variables,
  context: CallContext,
  scope: Scope,
  current: VersionView,
  { KMSKeyArn: wanted, Environment }: UpdateFunctionConfigurationRequest,
): Promise<void> {
  const { KMSKeyArn: key, SealedVariables: sealed } = current.version.settings;
  const next = wanted ?? key ?? "";
  const moves = wanted !== undefined && wanted !== (key ?? "");
  if (next !== "" && (moves || Environment !== undefined)) {
    await variables.requireUse(context, scope, current.name, next);
  }
  if (!moves || sealed === undefined || Environment !== undefined) return;
  const { Error: denied } = (await variables.environmentOf(context, scope, current)) ?? {};
  if (denied === undefined) return;
  if (denied.ErrorCode !== "AccessDeniedException") throw invalidParameter(denied.Message ?? "");
  throw new ServiceError("AccessDeniedException", denied.Message ?? "", { status: 403 });
}
