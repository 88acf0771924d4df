import type { FunctionCodeLocation, GetFunctionRequest, GetFunctionResponse } from "@aws-sdk/client-lambda";
import type { StoredArtifact } from "../../artifacts/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedFunction } from "./names.ts";
import { configuration } from "./shapes.ts";
import { shown } from "./variables.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html */
export function getFunction({
  functions,
  download,
  variables,
}: LambdaDependencies): Operation<GetFunctionRequest, GetFunctionResponse> {
  return async (input, context) => {
    const { scope, name, qualifier } = namedFunction(context, input.FunctionName, input.Qualifier);
    const view = await functions.get(scope, name, qualifier);
    const { sealed } = view.version.code;
    const error = sealed && (await variables.codeErrorOf(context, scope, name, sealed));
    return {
      Configuration: configuration(scope, await shown(variables, context, scope, view), qualifier),
      Code:
        sealed && error
          ? { RepositoryType: "S3", SourceKMSKeyArn: sealed.key, Error: error }
          : codeOf(view.version.code, (code) => download.url(context.endpoint, code, scope, name)),
      ...(Object.keys(view.tags).length === 0 ? {} : { Tags: view.tags }),
      ...(view.reservedConcurrency === undefined
        ? {}
        : { Concurrency: { ReservedConcurrentExecutions: view.reservedConcurrency } }),
    };
  };
}

/** Whatever registry an image is of: AWS knows one. */
function codeOf(code: StoredArtifact, urlOf: (code: StoredArtifact) => string): FunctionCodeLocation {
  const { image, sealed } = code;
  if (image === undefined) {
    return { RepositoryType: "S3", Location: urlOf(code), ...(sealed && { SourceKMSKeyArn: sealed.key }) };
  }
  return { RepositoryType: "ECR", ImageUri: image.uri, ResolvedImageUri: image.resolvedUri };
}
