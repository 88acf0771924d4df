import type { AliasConfiguration } from "@aws-sdk/client-lambda";
import { functionArn } from "../../base/arn.ts";
import type { Scope } from "../../base/scope.ts";
import type { AliasDocument } from "../../functions/aliases/contract.ts";

/** An alias as the API shows it: without a routing configuration when it has no second version. */
export function aliasConfiguration(scope: Scope, functionName: string, alias: AliasDocument): AliasConfiguration {
  return {
    AliasArn: functionArn(scope, functionName, alias.name),
    Name: alias.name,
    FunctionVersion: alias.functionVersion,
    Description: alias.description,
    RevisionId: alias.revisionId,
    ...(alias.routing
      ? { RoutingConfig: { AdditionalVersionWeights: { [alias.routing.version]: alias.routing.weight } } }
      : {}),
  };
}
