/** Which layers a function may have: AWS's rules of number, region, permission and size. */
import { layerArn, parseLayerArn } from "../../base/arn.ts";
import type { Scope } from "../../base/scope.ts";
import type { StoredArtifact } from "../../artifacts/contract.ts";
import type { Documents } from "../../store/contract.ts";
import { invalidParameter } from "../errors.ts";
import type { UsedLayer } from "./contract.ts";
import { readLayerVersion } from "./documents.ts";
import { notAllowed } from "./errors.ts";
import { allows } from "./policy.ts";

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, "Function layers". */
const MAX_LAYERS = 5;

/** The layer versions that the ARNs name, in their order, for a function in `scope`. Throws AWS's errors. */
export async function chosenLayers(documents: Documents, scope: Scope, arns: readonly string[]): Promise<UsedLayer[]> {
  if (arns.length > MAX_LAYERS) throw invalidParameter(`Cannot reference more than ${MAX_LAYERS} layers.`);
  const chosen: UsedLayer[] = [];
  /** ARN of the version by that of its layer. */
  const seen = new Map<string, string>();
  for (const arn of arns) {
    const used = await usableLayer(documents, scope, arn);
    const layer = used.arn.slice(0, used.arn.lastIndexOf(":"));
    const other = seen.get(layer);
    if (other !== undefined) {
      throw invalidParameter(
        "Two different versions of the same layer are not allowed to be referenced in the same function. " +
          `${other} and ${arn} are versions of the same layer.`,
      );
    }
    seen.set(layer, arn);
    chosen.push(used);
  }
  return chosen;
}

async function usableLayer(documents: Documents, scope: Scope, arn: string): Promise<UsedLayer> {
  const { owner, name, version } = parseLayerArn(arn) ?? {};
  // AWS's own layers (`arn:aws:lambda:::awslayer:…`) are not here.
  if (!owner || name === undefined || version === undefined) throw doesNotExist(arn);
  const own = owner.account === scope.account;
  if (owner.region !== scope.region) {
    if (!own) throw notAllowed(scope.account, scope, arn);
    throw invalidParameter(
      `Layers are not in the same region as the function. Layers are expected to be in region ${scope.region}.`,
    );
  }
  const found = version < 1 ? undefined : (await readLayerVersion(documents, owner, name, version))?.value;
  if (!own && !allows(found?.policy, scope.account)) throw notAllowed(scope.account, owner, arn);
  if (!found) throw doesNotExist(arn);
  // Written anew: a caller may write the number with zeros before it.
  return { arn: layerArn(owner, name, version), code: found.code };
}

function doesNotExist(arn: string): Error {
  return invalidParameter(`Layer version ${arn} does not exist.`);
}

/** Throws InvalidParameterValueException when the code and the layers unpack to more than `limit` bytes together. */
export function requireSize(code: StoredArtifact, layers: readonly UsedLayer[], limit: number): void {
  const ofLayers = layers.reduce((sum, layer) => sum + layer.code.unzippedSize, 0);
  if (ofLayers > limit) throw invalidParameter(`Layers consume more than the available size of ${limit} bytes`);
  const size = ofLayers + code.unzippedSize;
  if (layers.length === 0 || size <= limit) return;
  throw invalidParameter(
    `Function code combined with layers exceeds the maximum allowed size of ${limit} bytes. The actual size is ${size} bytes.`,
  );
}

/** As a member of a version; absent when there are none. */
export function layersMember(layers: UsedLayer[]): { layers?: UsedLayer[] } {
  return layers.length === 0 ? {} : { layers };
}
