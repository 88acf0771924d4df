/**
 * New generations of a key: on demand, or by themselves when their time has come. Each ciphertext names the generation that
 * it was made with. https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
 */
import { ServiceError } from "../base/errors.ts";
import type { Scope } from "../base/scope.ts";
import type { FoundKey, KeyDocument } from "./contract.ts";
import { changeKey, findKey, type KmsDomain, requireEnabled } from "./domain.ts";
import { newMaterial } from "./keys.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** AWS's limit of rotations on demand for one key. */
const MAX_ON_DEMAND = 25;

export async function enableRotation(
  domain: KmsDomain,
  scope: Scope,
  keyId: string,
  periodDays: number,
): Promise<void> {
  await changeKey(domain, scope, keyId, (found) => {
    requireEnabled(found);
    return { ...found.key, rotation: { periodDays, nextAt: domain.clock() + periodDays * DAY_MS } };
  });
}

export async function disableRotation(domain: KmsDomain, scope: Scope, keyId: string): Promise<void> {
  await changeKey(domain, scope, keyId, (found) => {
    requireEnabled(found);
    const { rotation: _dropped, ...rest } = found.key;
    return rest;
  });
}

export async function rotate(domain: KmsDomain, scope: Scope, keyId: string): Promise<FoundKey> {
  return changeKey(domain, scope, keyId, (found) => {
    requireEnabled(found);
    const { key } = found;
    if (key.materials.filter(({ rotation }) => rotation === "ON_DEMAND").length >= MAX_ON_DEMAND) {
      throw new ServiceError("LimitExceededException", `A key is rotated on demand ${MAX_ON_DEMAND} times at most.`);
    }
    return { ...key, materials: [...key.materials, newMaterial(domain.clock(), "ON_DEMAND")] };
  });
}

/** The key to encrypt with now: rotated first where that is due. Throws what forbids its use. */
export async function current(domain: KmsDomain, scope: Scope, keyId: string): Promise<FoundKey> {
  const found = await findKey(domain, scope, keyId);
  requireEnabled(found);
  if (!isDue(found.key, domain.clock())) return found;
  return changeKey(domain, scope, keyId, (again) => {
    requireEnabled(again);
    const { key } = again;
    const now = domain.clock();
    if (key.rotation === undefined || !isDue(key, now)) return key;
    const { periodDays } = key.rotation;
    return {
      ...key,
      materials: [...key.materials, newMaterial(now, "AUTOMATIC")],
      rotation: { periodDays, nextAt: now + periodDays * DAY_MS },
    };
  });
}

function isDue({ rotation }: KeyDocument, now: number): boolean {
  return rotation !== undefined && rotation.nextAt <= now;
}
