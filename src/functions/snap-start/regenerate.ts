import { newId } from "../../base/ids.ts";
import type { Scope } from "../../base/scope.ts";
import { StoreConflict, type Documents } from "../../store/contract.ts";
import type { FunctionVersion } from "../contract.ts";
import { VERSION, versionKey } from "../keys.ts";
import { nextPhase } from "../phases.ts";

/**
 * Makes a version wait for a new snapshot: it is `Pending` until then. False where it waits already, or has changed or gone.
 * A kill at any moment leaves either the version with the old snapshot, which is found not to fit again, or the waiting one.
 */
export async function regenerated(
  documents: Documents,
  scope: Scope,
  name: string,
  { version, key: identity }: Pick<FunctionVersion, "version" | "key">,
): Promise<boolean> {
  const key = versionKey(scope, name, version);
  if (key === undefined) return false;
  for (;;) {
    const stored = await documents.get<FunctionVersion>(VERSION, key);
    if (stored?.value.key !== identity) return false;
    const { snapshot: _old, failure: _why, ...rest } = stored.value;
    const phase = nextPhase(rest.phase, "regenerate");
    if (phase === undefined) return false;
    try {
      const value: FunctionVersion = { ...rest, phase, revisionId: newId(), regenerating: true };
      await documents.replace(VERSION, key, value, stored.version);
      return true;
    } catch (error) {
      // Each round means that somebody has written it in between.
      if (!(error instanceof StoreConflict)) throw error;
    }
  }
}

/** Forgets a snapshot that this level of isolation cannot use: the version's environments are initialised on demand. */
export async function withoutSnapshot(documents: Documents, key: string, version: FunctionVersion): Promise<void> {
  if (version.snapshot === undefined) return;
  const stored = await documents.get<FunctionVersion>(VERSION, key);
  if (stored?.value.snapshot === undefined) return;
  const { snapshot: _unused, ...value } = stored.value;
  await documents.replace(VERSION, key, value, stored.version);
}
