import type { AddLayerVersionPermissionRequest, AddLayerVersionPermissionResponse } from "@aws-sdk/client-lambda";
import { statementText } from "../../functions/index.ts";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedOwnLayer } from "./layer-names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_AddLayerVersionPermission.html */
export function addLayerVersionPermission({
  functions,
}: LambdaDependencies): Operation<AddLayerVersionPermissionRequest, AddLayerVersionPermissionResponse> {
  return async (input, context) => {
    const { owner, name } = namedOwnLayer(context, input.LayerName);
    const version = input.VersionNumber ?? 0;
    const policy = await functions.layers.addPermission(owner, name, version, input);
    const added = policy.statements.at(-1);
    return {
      ...(added ? { Statement: statementText(owner, { name, version }, added) } : {}),
      RevisionId: policy.revisionId,
    };
  };
}
