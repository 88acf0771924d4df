/** Function URLs as the API shows them. */
import type {
  CreateFunctionUrlConfigResponse,
  FunctionUrlConfig,
  UpdateFunctionUrlConfigResponse,
} from "@aws-sdk/client-lambda";
import { functionArn } from "../../base/arn.ts";
import type { Scope } from "../../base/scope.ts";
import { urlHost } from "../../functions/index.ts";
import type { FunctionUrl } from "../../functions/urls/contract.ts";
import type { CallContext } from "../../wire/contract.ts";

/** As AWS answers a creation: without LastModifiedTime, and without an invoke mode that nobody has chosen. */
export function createdUrl(context: CallContext, scope: Scope, url: FunctionUrl): CreateFunctionUrlConfigResponse {
  return {
    FunctionUrl: addressOf(context, scope, url),
    FunctionArn: functionArn(scope, url.name, url.qualifier),
    AuthType: url.authType,
    CreationTime: new Date(url.createdAt).toISOString(),
    ...(url.cors === undefined ? {} : { Cors: url.cors }),
    ...(url.invokeMode === undefined ? {} : { InvokeMode: url.invokeMode }),
  };
}

export function changedUrl(context: CallContext, scope: Scope, url: FunctionUrl): UpdateFunctionUrlConfigResponse {
  return { ...createdUrl(context, scope, url), LastModifiedTime: new Date(url.modifiedAt).toISOString() };
}

/** As AWS shows it on its own and in lists: always with an invoke mode. */
export function shownUrl(context: CallContext, scope: Scope, url: FunctionUrl): FunctionUrlConfig {
  return { InvokeMode: "BUFFERED", ...changedUrl(context, scope, url) };
}

/** With the scheme and on the port that the client itself has used. */
function addressOf(context: CallContext, scope: Scope, url: FunctionUrl): string {
  const { protocol, port } = new URL(context.endpoint);
  return `${protocol}//${urlHost(url.id, scope.region)}${port === "" ? "" : `:${port}`}/`;
}
