/** Layer versions as the API shows them. */
import type { GetLayerVersionResponse, LayerVersionsListItem } from "@aws-sdk/client-lambda";
import { layerArn } from "../../base/arn.ts";
import type { Scope } from "../../base/scope.ts";
import type { LayerVersion } from "../../functions/layers/contract.ts";
import type { CallContext } from "../../wire/contract.ts";
import type { CodeDownload } from "./code-download.ts";
import { awsTime } from "./shapes.ts";

/** One version with where to get its content. */
export function layerVersion(
  owner: Scope,
  version: LayerVersion,
  context: CallContext,
  download: CodeDownload,
): GetLayerVersionResponse {
  const { name, code } = version;
  return {
    ...layerVersionItem(owner, version),
    LayerArn: layerArn(owner, name),
    Content: {
      CodeSha256: code.codeSha256,
      CodeSize: code.size,
      Location: download.url(context.endpoint, code, owner, name),
    },
  };
}

/** As in lists. What the publisher did not say is absent, but for the description. */
export function layerVersionItem(owner: Scope, version: LayerVersion): LayerVersionsListItem {
  return {
    LayerVersionArn: layerArn(owner, version.name, version.version),
    Version: version.version,
    Description: version.description,
    CreatedDate: awsTime(version.createdAt),
    ...(version.runtimes === undefined ? {} : { CompatibleRuntimes: version.runtimes }),
    ...(version.architectures === undefined ? {} : { CompatibleArchitectures: version.architectures }),
    ...(version.license === undefined ? {} : { LicenseInfo: version.license }),
  };
}
