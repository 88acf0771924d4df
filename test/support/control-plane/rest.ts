/** What must be true of all else: layers, event source mappings, code signing, code, and revisions. */
import { layerArn, parseLayerArn } from "../../../src/base/arn.ts";
import type { AliasDocument } from "../../../src/functions/aliases/contract.ts";
import type { CodeSigningConfigDocument } from "../../../src/functions/code-signing/contract.ts";
import type { FunctionDocument, FunctionVersion } from "../../../src/functions/contract.ts";
import type { LayerDocument, LayerVersion } from "../../../src/functions/layers/contract.ts";
import type { MappingDocument } from "../../../src/functions/mappings/contract.ts";
import { claimKeys } from "../../../src/functions/mappings/documents.ts";
import { difference } from "./functions.ts";
import { split, type State } from "./state.ts";

const highest = 999_999_999_999;

export function layerVersionsBelongToLayers(state: State): string[] {
  const broken: string[] = [];
  for (const [key, { name, version, policy }] of state.of<LayerVersion>("layer-version")) {
    const { owner, rest } = split(key);
    const layer = state.of<LayerDocument>("layer").get(owner);
    if (!layer || layer.name !== name) broken.push(`${key} has no layer`);
    else if (version >= layer.nextVersion) broken.push(`${key} is beyond ${layer.nextVersion}`);
    if (highest - Number(rest) !== version) broken.push(`${key} is ${version}`);
    if (!policy) continue;
    const ids = policy.statements.map(({ id }) => id);
    if (ids.length === 0 || new Set(ids).size < ids.length) broken.push(`${key} has the statements ${ids.join()}`);
  }
  return broken;
}

/** Every version there is, with where it is. */
function everyVersion(state: State): (readonly [string, FunctionVersion])[] {
  return [
    ...[...state.of<FunctionDocument>("function")].flatMap(([key, { latest, serving }]) =>
      [latest, ...(serving ? [serving] : [])].map((version) => [key, version] as const),
    ),
    ...state.of<FunctionVersion>("function-version"),
  ];
}

/** A layer version that is gone goes on being used; its number is never another's. */
export function usedLayersWerePublished(state: State): string[] {
  const broken: string[] = [];
  const published = new Map(
    [...state.of<LayerVersion>("layer-version")].map(([key, { name, version, code }]) => [
      layerArn(split(key).scope, name, version),
      code.blob,
    ]),
  );
  for (const [key, { layers = [] }] of everyVersion(state)) {
    const named = layers.map(({ arn }) => parseLayerArn(arn));
    if (layers.length > 5) broken.push(`${key} uses ${layers.length} layers`);
    if (new Set(named.map((each) => each?.name)).size < layers.length) broken.push(`${key} uses a layer twice`);
    for (const [index, { arn, code }] of layers.entries()) {
      const { owner, name = "", version = 0 } = named[index] ?? {};
      const layer = state.of<LayerDocument>("layer").get(`${owner?.account}/${owner?.region}/${name}`);
      if (!layer || version < 1 || version >= layer.nextVersion) broken.push(`${key} uses ${arn}`);
      if ((published.get(arn) ?? code.blob) !== code.blob) broken.push(`${key} uses another ${arn}`);
    }
  }
  return broken;
}

export function mappingsHoldTheirClaims(state: State): string[] {
  const claimed = [...state.of<MappingDocument>("event-source-mapping")].flatMap(([key, mapping]) => {
    const { scope, name } = split(key);
    const keys = claimKeys(scope, mapping.kind, mapping.target, mapping.settings);
    return keys.map((claim) => `${claim} ${name === mapping.uuid ? name : `${name}, ${mapping.uuid}`}`);
  });
  const claims = [...state.of<{ uuid: string }>("event-source-claim")].map(([key, { uuid }]) => `${key} ${uuid}`);
  return difference("claim", claimed, claims);
}

export function codeSigningIsUsedBothWays(state: State): string[] {
  const broken: string[] = [];
  const configs = state.of<CodeSigningConfigDocument>("code-signing-config");
  const used: string[] = [];
  for (const [key, { name, codeSigningConfig: id }] of state.of<FunctionDocument>("function")) {
    if (id === undefined) continue;
    const { account, region } = split(key).scope;
    if (!configs.has(`${account}/${region}/${id}`)) broken.push(`${key} uses ${id}`);
    used.push(`${account}/${region}/${id}/${name}`);
  }
  return [...broken, ...difference("use", used, [...state.of("code-signing-use").keys()])];
}

/** No two things share a revision, and none is without; a copy that serves while another is prepared has its own. */
export function revisionsAreUnique(state: State): string[] {
  const policies = [...state.of<LayerVersion>("layer-version").values()].flatMap(({ policy }) => policy ?? []);
  const all = [
    ...[...state.of<FunctionDocument>("function").values()].map(({ latest }) => latest),
    ...state.of<FunctionVersion>("function-version").values(),
    ...state.of<AliasDocument>("function-alias").values(),
    ...policies,
  ].map(({ revisionId }) => revisionId);
  return all
    .filter((id, index) => !/^[0-9a-f-]{36}$/.test(id) || all.indexOf(id) !== index)
    .map((id) => `revision ${id} is not one thing's`);
}

export function codeIsThere(state: State, blobs: ReadonlySet<string>): string[] {
  const named = [
    ...everyVersion(state).flatMap(([key, { code, layers = [] }]) =>
      [code, ...layers.map((layer) => layer.code)].map(({ blob }) => [key, blob] as const),
    ),
    ...[...state.of<LayerVersion>("layer-version")].map(([key, { code }]) => [key, code.blob] as const),
  ];
  return named.filter(([, blob]) => !blobs.has(blob)).map(([key, blob]) => `${key} has lost its code ${blob}`);
}

/** Both marks are of the whole store, and say nothing but that they are there. */
export function settledIsKnown(state: State): string[] {
  return [...state.of<object>("iam-settled")]
    .filter(([key, value]) => (key !== "ids" && key !== "names") || Object.keys(value).length > 0)
    .map(([key]) => `${key} was never settled`);
}
