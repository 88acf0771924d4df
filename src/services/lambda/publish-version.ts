import type { FunctionConfiguration, PublishVersionRequest } from "@aws-sdk/client-lambda";
import { invalidParameter } from "../../functions/index.ts";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedWholeFunction } from "./names.ts";
import { changed } from "./shapes.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html */
export function publishVersion({
  functions,
}: LambdaDependencies): Operation<PublishVersionRequest, FunctionConfiguration> {
  return async (input, context) => {
    const { scope, name } = namedWholeFunction(context, input.FunctionName);
    if (input.PublishTo !== undefined) {
      throw invalidParameter("PublishTo is not supported by Kiln yet: versions are published under numbers only.");
    }
    return changed(scope, await functions.publish(scope, name, input));
  };
}
