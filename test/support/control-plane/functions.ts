/** What must be true of functions, their versions and aliases, and of all that belongs to them. */
import type { AliasDocument } from "../../../src/functions/aliases/contract.ts";
import type { FunctionDocument, FunctionVersion } from "../../../src/functions/contract.ts";
import type { FunctionUrl } from "../../../src/functions/urls/contract.ts";
import { split, type State } from "./state.ts";

const published = (state: State, owner: string, version: string): boolean =>
  state.of("function-version").has(`${owner}/${version.padStart(10, "0")}`);

/** Whether a function has this version or alias; $LATEST is always there. */
function hasQualifier(state: State, owner: string, qualifier: string): boolean {
  if (!state.of("function").has(owner)) return false;
  return (
    qualifier === "$LATEST" ||
    published(state, owner, qualifier) ||
    state.of("function-alias").has(`${owner}/${qualifier}`)
  );
}

export function functionsAreWhole(state: State): string[] {
  const broken: string[] = [];
  for (const [key, { name, latest, serving, published: newest, nextVersion }] of state.of<FunctionDocument>(
    "function",
  )) {
    if (split(key).name !== name || split(key).rest !== "") broken.push(`${key} is called ${name}`);
    if (latest.version !== "$LATEST") broken.push(`${key} has ${latest.version} as $LATEST`);
    if (latest.phase === "ready" && serving) broken.push(`${key} is ready and serves something else`);
    if (newest && Number(newest.version) >= nextVersion) broken.push(`${key} has published ${newest.version} already`);
    const counter = state.of<{ nextVersion: number }>("function-counter").get(key);
    if (counter && counter.nextVersion > nextVersion) broken.push(`${key} counts from ${nextVersion} again`);
  }
  return broken;
}

export function versionsBelongToFunctions(state: State): string[] {
  const broken: string[] = [];
  for (const [key, { version, phase }] of state.of<FunctionVersion>("function-version")) {
    const { owner, rest } = split(key);
    const found = state.of<FunctionDocument>("function").get(owner);
    if (!found) broken.push(`${key} has no function`);
    else if (Number(version) >= found.nextVersion) broken.push(`${key} is beyond ${found.nextVersion}`);
    if (rest !== version.padStart(10, "0")) broken.push(`${key} is ${version}`);
    if (phase === "updating" || phase === "update-failed") broken.push(`${key}, which cannot change, is ${phase}`);
  }
  return broken;
}

export function phasesFit(state: State): string[] {
  const versions = [
    ...[...state.of<FunctionDocument>("function")].map(([key, { latest }]) => [key, latest] as const),
    ...state.of<FunctionVersion>("function-version"),
  ];
  return versions
    .filter(([, { phase, failure }]) => (failure !== undefined) !== (phase === "failed" || phase === "update-failed"))
    .map(([key, { phase }]) => `${key} is ${phase}, and says otherwise`);
}

export function aliasesNameVersions(state: State): string[] {
  const broken: string[] = [];
  for (const [key, { name, functionVersion, routing }] of state.of<AliasDocument>("function-alias")) {
    const { owner, rest } = split(key);
    if (rest !== name) broken.push(`${key} is called ${name}`);
    if (!hasQualifier(state, owner, functionVersion)) broken.push(`${key} names ${functionVersion}`);
    if (routing && !published(state, owner, routing.version)) broken.push(`${key} also names ${routing.version}`);
    if (routing?.version === functionVersion) broken.push(`${key} names ${functionVersion} twice`);
  }
  return broken;
}

/** Kinds of documents with the key `account/region/function/qualifier`. */
const perQualifier = ["function-policy", "event-invoke-config", "runtime-management-config", "function-url"];

export function belongingsHaveOwners(state: State): string[] {
  return perQualifier.flatMap((kind) =>
    [...state.of(kind).keys()]
      .filter((key) => !hasQualifier(state, split(key).owner, split(key).rest))
      .map((key) => `${kind} ${key} belongs to nothing`),
  );
}

export function urlsAreFoundByTheirIds(state: State): string[] {
  const urls = [...state.of<FunctionUrl>("function-url")].map(
    ([key, { id, name, qualifier = "$LATEST" }]) => `${id} ${split(key).owner}/${qualifier} ${name}/${qualifier}`,
  );
  const entries = [
    ...state.of<{ account: string; region: string; name: string; qualifier?: string }>("function-url-entry"),
  ].map(
    ([id, { account, region, name, qualifier = "$LATEST" }]) =>
      `${id} ${account}/${region}/${name}/${qualifier} ${name}/${qualifier}`,
  );
  return difference("URL", urls, entries);
}

/** What is in one of two lists only, or twice in one. */
export function difference(what: string, one: readonly string[], other: readonly string[]): string[] {
  const twice = [one, other].flatMap((list) => list.filter((each, index) => list.indexOf(each) !== index));
  return [
    ...one.filter((each) => !other.includes(each)).map((each) => `${what} ${each} is on the first side only`),
    ...other.filter((each) => !one.includes(each)).map((each) => `${what} ${each} is on the second side only`),
    ...twice.map((each) => `${what} ${each} is there twice`),
  ];
}

export function concurrencyAddsUp(state: State): string[] {
  const broken: string[] = [];
  const held = new Map<string, number>();
  for (const [key, { name, reservedConcurrency, provisioned = {} }] of state.of<FunctionDocument>("function")) {
    const { owner, scope } = split(key);
    for (const qualifier of Object.keys(provisioned)) {
      if (qualifier === "$LATEST" || !hasQualifier(state, owner, qualifier)) {
        broken.push(`${key} has concurrency provisioned for ${qualifier}`);
      }
    }
    const total = Object.values(provisioned).reduce((sum, { requested }) => sum + requested, 0);
    if (reservedConcurrency !== undefined && total > reservedConcurrency)
      broken.push(`${key} has more provisioned than reserved`);
    const own = reservedConcurrency ?? total;
    if (own > 0) held.set(`${scope.account}/${scope.region} ${name}`, own);
  }
  const written = [...state.of<{ held: Record<string, number> }>("concurrency-ledger")].flatMap(([account, ledger]) =>
    Object.entries(ledger.held).map(([name, own]) => `${account} ${name} ${own}`),
  );
  broken.push(
    ...difference(
      "concurrency",
      [...held].map(([name, own]) => `${name} ${own}`),
      written,
    ),
  );
  const sum = [...held.values()].reduce((all, own) => all + own, 0);
  if (sum > 900) broken.push(`${sum} of 1,000 are held`);
  return broken;
}
