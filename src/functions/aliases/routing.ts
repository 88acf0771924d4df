/** Which versions an alias may name (https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html). */
import type { AliasRoutingConfiguration } from "@aws-sdk/client-lambda";
import type { Documents } from "../../store/contract.ts";
import type { Scope } from "../../base/scope.ts";
import type { FunctionDocument, FunctionVersion } from "../contract.ts";
import { functionNotFound, invalidParameter } from "../errors.ts";
import type { AliasDocument, Routing } from "./contract.ts";
import { versionOf } from "./qualified.ts";

/** Undefined when the configuration names no second version. The wire has checked that weights are from 0 to 1. */
export function requestedRouting(config: AliasRoutingConfiguration | undefined): Routing | undefined {
  const weights = Object.entries(config?.AdditionalVersionWeights ?? {});
  if (weights.length > 1) {
    throw invalidParameter("Number of items in AdditionalVersionWeights cannot be greater than 1");
  }
  const [version, weight] = weights[0] ?? [];
  return version === undefined || weight === undefined ? undefined : { version, weight };
}

/** Throws when the versions of the alias are not there, or cannot be in one alias. */
export async function checkVersions(
  documents: Documents,
  scope: Scope,
  document: FunctionDocument,
  alias: Pick<AliasDocument, "functionVersion" | "routing">,
): Promise<void> {
  const { functionVersion, routing } = alias;
  const first = await existing(documents, scope, document, functionVersion);
  if (!routing) return;
  if (routing.version === functionVersion) {
    throw invalidParameter(
      `Invalid function version ${functionVersion}. Function version ${functionVersion} is already included in routing configuration.`,
    );
  }
  if (functionVersion === "$LATEST" || routing.version === "$LATEST") {
    throw invalidParameter("$LATEST is not supported for an alias pointing to more than 1 version");
  }
  const second = await existing(documents, scope, document, routing.version);
  if (first.settings.Role !== second.settings.Role) {
    throw invalidParameter("Specified versions must be associated with the same execution role");
  }
  // The rule is AWS's; the words are like those of the rule before.
  if (first.settings.DeadLetterConfig?.TargetArn !== second.settings.DeadLetterConfig?.TargetArn) {
    throw invalidParameter("Specified versions must be associated with the same dead-letter queue configuration");
  }
}

async function existing(
  documents: Documents,
  scope: Scope,
  document: FunctionDocument,
  version: string,
): Promise<FunctionVersion> {
  const found = await versionOf(documents, scope, document, version);
  if (!found) throw functionNotFound(scope, document.name, version);
  return found;
}
