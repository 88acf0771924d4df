/** Function versions as the API shows them. */
import type { FunctionConfiguration } from "@aws-sdk/client-lambda";
import { functionArn } from "../../base/arn.ts";
import type { Scope } from "../../base/scope.ts";
import type { Shown } from "./variables.ts";
import type { FunctionVersion, Phase, VersionView } from "../../functions/contract.ts";
import { isOptimized } from "../../functions/index.ts";

/** Of a single version. `qualifier` is the one that its ARN shows. */
export function configuration(
  scope: Scope,
  view: Shown<VersionView>,
  qualifier: string | undefined,
): FunctionConfiguration {
  const { runtimeVersionArn } = view.version;
  return {
    ...listed(scope, view, qualifier),
    ...(runtimeVersionArn === "" ? {} : { RuntimeVersionConfig: { RuntimeVersionArn: runtimeVersionArn } }),
    ...status(view.version),
  };
}

/** Of a change to $LATEST, which AWS answers with the ARN of the function, or to a published version. */
export function changed(scope: Scope, view: Shown<VersionView>): FunctionConfiguration {
  return configuration(scope, view, view.version.version === "$LATEST" ? undefined : view.version.version);
}

/** As in lists, where AWS leaves out the state and the runtime's version. */
export function listed(scope: Scope, view: Shown<VersionView>, qualifier: string | undefined): FunctionConfiguration {
  const { settings: whole, code, layers, version, revisionId, lastModified } = view.version;
  const { SealedVariables: _sealed, Environment: _clear, ImageConfig: image, ...settings } = whole;
  return {
    ...settings,
    ...(view.environment === undefined ? {} : { Environment: view.environment }),
    FunctionName: view.name,
    FunctionArn: functionArn(scope, view.name, qualifier),
    Version: version,
    CodeSize: code.size,
    CodeSha256: code.codeSha256,
    LastModified: awsTime(lastModified),
    RevisionId: revisionId,
    PackageType: code.image === undefined ? "Zip" : "Image",
    ...(image === undefined ? {} : { ImageConfigResponse: { ImageConfig: image } }),
    SnapStart: { ...settings.SnapStart, OptimizationStatus: isOptimized(view.version) ? "On" : "Off" },
    ...(layers === undefined ? {} : { Layers: layers.map((layer) => ({ Arn: layer.arn, CodeSize: layer.code.size })) }),
  };
}

/** `2026-11-23T12:00:00.000+0000` */
export function awsTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace("Z", "+0000");
}

type Status = Pick<
  FunctionConfiguration,
  | "State"
  | "StateReason"
  | "StateReasonCode"
  | "LastUpdateStatus"
  | "LastUpdateStatusReason"
  | "LastUpdateStatusReasonCode"
>;

const creating = "The function is being created.";

/** AWS shows a phase as two states: that of the function, and that of the last update of it. */
function status(version: FunctionVersion): Status {
  const { code = "InternalError", reason = "" } = version.failure ?? {};
  const shown: Record<Phase, Status> = {
    creating: { State: "Pending", StateReason: creating, StateReasonCode: "Creating" },
    ready: { State: "Active", LastUpdateStatus: "Successful" },
    updating: {
      State: "Active",
      LastUpdateStatus: "InProgress",
      LastUpdateStatusReason: creating,
      LastUpdateStatusReasonCode: "Creating" as NonNullable<Status["LastUpdateStatusReasonCode"]>,
    },
    "update-failed": {
      State: "Active",
      LastUpdateStatus: "Failed",
      LastUpdateStatusReason: reason,
      LastUpdateStatusReasonCode: code,
    },
    failed: {
      State: "Failed",
      StateReason: reason,
      StateReasonCode: code,
      LastUpdateStatus: "Failed",
      LastUpdateStatusReason: reason,
      LastUpdateStatusReasonCode: code,
    },
  };
  return shown[version.phase];
}
