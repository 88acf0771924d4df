/** When the runtime of a version is updated: what the rest of Kiln may ask of it. */
import type { UpdateRuntimeOn } from "@aws-sdk/client-lambda";
import type { Scope } from "../../base/scope.ts";

/** Settings of one version as they are stored; without them the mode is `Auto`. */
export interface RuntimeManagementDocument {
  updateRuntimeOn: UpdateRuntimeOn;
  /** Present with `Manual`. */
  runtimeVersionArn?: string;
}

/** Everything throws ServiceError with AWS's code and message. `qualifier`: `$LATEST` or a number. */
export interface RuntimeManagementConfigs {
  get(scope: Scope, name: string, qualifier: string): Promise<RuntimeManagementDocument>;
  put(
    scope: Scope,
    name: string,
    qualifier: string,
    settings: RuntimeManagementDocument,
  ): Promise<RuntimeManagementDocument>;
}
