/**
 * `GetRuntimeManagementConfig` and `PutRuntimeManagementConfig`
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html
 */
import type { Runtimes } from "../../artifacts/contract.ts";
import type { Scope } from "../../base/scope.ts";
import type { Documents } from "../../store/contract.ts";
import { versionOf } from "../aliases/qualified.ts";
import type { FunctionDocument, FunctionVersion } from "../contract.ts";
import { changeFunction, readFunction } from "../documents.ts";
import { functionNotFound, invalidParameter } from "../errors.ts";
import { packageTypeOf } from "../package-type.ts";
import { RUNTIME_MANAGEMENT, qualifiedKey } from "../keys.ts";
import type { RuntimeManagementConfigs, RuntimeManagementDocument } from "./contract.ts";

export function createRuntimeManagementConfigs(documents: Documents, runtimes: Runtimes): RuntimeManagementConfigs {
  const requireVersion = async (scope: Scope, document: FunctionDocument, qualifier: string) => {
    const version = await versionOf(documents, scope, document, qualifier);
    if (!version) throw functionNotFound(scope, document.name, qualifier);
    if (packageTypeOf(version) === "Image") {
      throw invalidParameter("Runtime management is not supported for functions created with container images.");
    }
    return version;
  };

  return {
    async get(scope, name, qualifier) {
      const stored = await readFunction(documents, scope, name);
      if (!stored) throw functionNotFound(scope, name, qualifier);
      await requireVersion(scope, stored.value, qualifier);
      const key = qualifiedKey(scope, name, qualifier);
      const config = await documents.get<RuntimeManagementDocument>(RUNTIME_MANAGEMENT, key);
      return config?.value ?? { updateRuntimeOn: "Auto" };
    },
    async put(scope, name, qualifier, settings) {
      const key = qualifiedKey(scope, name, qualifier);
      return changeFunction<RuntimeManagementDocument>(
        documents,
        scope,
        name,
        async (document) => {
          const version = await requireVersion(scope, document, qualifier);
          checkRuntimeVersion(runtimes, version, settings);
          const stored = await documents.get(RUNTIME_MANAGEMENT, key);
          return {
            document,
            writes: [
              stored
                ? { op: "replace", kind: RUNTIME_MANAGEMENT, key, value: settings, version: stored.version }
                : { op: "create", kind: RUNTIME_MANAGEMENT, key, value: settings },
            ],
            result: settings,
          };
        },
        () => functionNotFound(scope, name, qualifier),
      );
    },
  };
}

/** There is one version of each runtime on a machine: another one cannot be held fast. */
function checkRuntimeVersion(
  runtimes: Runtimes,
  version: FunctionVersion,
  { updateRuntimeOn, runtimeVersionArn }: RuntimeManagementDocument,
): void {
  if (updateRuntimeOn !== "Manual") {
    if (runtimeVersionArn === undefined) return;
    throw invalidParameter(
      `RuntimeVersionArn can only be given when UpdateRuntimeOn is Manual, not ${updateRuntimeOn}.`,
    );
  }
  if (runtimeVersionArn === undefined) {
    throw invalidParameter("RuntimeVersionArn must be given when UpdateRuntimeOn is Manual.");
  }
  const { Runtime: runtime } = version.settings;
  const known = [version.runtimeVersionArn, runtime === undefined ? undefined : runtimes.image(runtime)?.versionArn];
  if (!known.includes(runtimeVersionArn)) {
    throw invalidParameter(
      `The runtime version ${runtimeVersionArn} is not on this host. The function runs on ${version.runtimeVersionArn}.`,
    );
  }
}
