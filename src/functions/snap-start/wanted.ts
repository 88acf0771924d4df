import { createHash } from "node:crypto";
import type { FunctionVersion } from "../contract.ts";

/** AWS optimizes published versions only, of functions that ask for it. */
export function wantsSnapshot({ version, settings }: Pick<FunctionVersion, "version" | "settings">): boolean {
  return settings.SnapStart.ApplyOn === "PublishedVersions" && version !== "$LATEST";
}

/** AWS's OptimizationStatus `On`: its environments are made of a snapshot now. */
export function isOptimized({ snapshot, phase }: Pick<FunctionVersion, "snapshot" | "phase">): boolean {
  return phase === "ready" && snapshot?.blob !== undefined;
}

/** A version's AWS_CONTAINER_AUTHORIZATION_TOKEN: the same as long as the version lives. */
export function tokenOf({ key }: Pick<FunctionVersion, "key">): string {
  return createHash("sha256").update(`snap-start credentials of ${key}`).digest("base64url");
}
