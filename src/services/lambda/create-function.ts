import type { CreateFunctionRequest, FunctionConfiguration } from "@aws-sdk/client-lambda";
import { invalidParameter } from "../../functions/index.ts";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedWholeFunction } from "./names.ts";
import { configuration } from "./shapes.ts";
import { shown } from "./variables.ts";

const MAX_NAME = 64;

/** https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
export function createFunction({
  functions,
  variables,
}: LambdaDependencies): Operation<CreateFunctionRequest, FunctionConfiguration> {
  return async (input, context) => {
    const { scope, name } = namedWholeFunction(context, input.FunctionName);
    if (name.length > MAX_NAME) {
      throw invalidParameter(
        `1 validation error detected: Value '${name}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to ${MAX_NAME}`,
      );
    }
    if (input.KMSKeyArn) await variables.requireUse(context, scope, name, input.KMSKeyArn);
    const codeKey = input.Code?.SourceKMSKeyArn;
    if (codeKey) await variables.requireCodeUse(context, scope, name, codeKey);
    const view = await functions.create(scope, name, input);
    // The ARN has no version, also where the answer is about the version that was published at once.
    return configuration(scope, await shown(variables, context, scope, view), undefined);
  };
}
