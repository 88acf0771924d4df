/** Shared file systems: what the access points of FileSystemConfigs stand for on this host. */
import type { FileSystemConfig } from "@aws-sdk/client-lambda";
import type { Scope } from "../base/scope.ts";
import { FileSystemError, type SharedFiles } from "../sandbox/contract.ts";
import { invalidParameter } from "./errors.ts";

/** What the configuration says of one access point. */
export interface AccessPoint extends Omit<SharedFiles, "name" | "at"> {
  /** Accounts whose functions may mount it. */
  accounts: readonly string[];
}

/** By ARN. */
export type FileSystemCatalog = Readonly<Record<string, AccessPoint>>;

/** Own members only: ARNs come from callers. Undefined also where the function's account or region is not the point's. */
function lookUp(catalog: FileSystemCatalog, scope: Scope, arn: string): AccessPoint | undefined {
  const found = Object.hasOwn(catalog, arn) ? catalog[arn] : undefined;
  const region = arn.split(":")[3];
  return found?.accounts.includes(scope.account) === true && region === scope.region ? found : undefined;
}

/** Throws AWS's error for access points that nothing is known of. Without a configuration they are kept, and mean nothing. */
export function checkAccessPoints(
  catalog: FileSystemCatalog | undefined,
  scope: Scope,
  configs: readonly FileSystemConfig[] = [],
): void {
  if (!catalog) return;
  for (const { Arn = "" } of configs) {
    if (!lookUp(catalog, scope, Arn)) throw invalidParameter(`The access point ${Arn} does not exist.`);
  }
}

/**
 * What a function mounts. Throws FileSystemError when an access point has gone from the configuration. Without a configuration
 * nothing is mounted.
 */
export function sharedFiles(
  catalog: FileSystemCatalog | undefined,
  scope: Scope,
  configs: readonly FileSystemConfig[] = [],
): SharedFiles[] {
  if (!catalog) return [];
  return configs.map(({ Arn = "", LocalMountPath: at = "" }) => {
    const found = lookUp(catalog, scope, Arn);
    if (!found)
      throw new FileSystemError("failure", Arn, `The configuration has no access point ${Arn} for its function.`);
    const { accounts: _, ...files } = found;
    return { name: Arn, at, ...files };
  });
}
