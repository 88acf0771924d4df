import type { RemoveLayerVersionPermissionRequest } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedOwnLayer } from "./layer-names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_RemoveLayerVersionPermission.html */
export function removeLayerVersionPermission({
  functions,
}: LambdaDependencies): Operation<RemoveLayerVersionPermissionRequest, object> {
  return async (input, context) => {
    const { owner, name } = namedOwnLayer(context, input.LayerName);
    await functions.layers.removePermission(owner, name, input.VersionNumber ?? 0, {
      StatementId: input.StatementId ?? "",
      RevisionId: input.RevisionId,
    });
    return {};
  };
}
