/** Names, paths, ids and tags of IAM. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */
import { randomText } from "../base/ids.ts";
import type { EntityKind, Tags } from "./contract.ts";
import { invalidInput } from "./errors.ts";

const prefixes = { user: "AIDA", group: "AGPA", role: "AROA", policy: "ANPA" } as const;
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

export function newUniqueId(kind: EntityKind | "policy"): string {
  return prefixes[kind] + randomText(17, alphabet);
}

/** IAM has no region; all accounts are in the partition `aws`. */
export function iamArn(account: string, kind: EntityKind | "policy", path: string, name: string): string {
  return `arn:aws:iam::${account}:${kind}${path}${name}`;
}

const MAX_TAGS = 50;

export interface TagMember {
  Key?: string | undefined;
  Value?: string | undefined;
}

/** Throws InvalidInput for keys that are there twice, and for those that are AWS's. */
export function tagsOf(list: readonly TagMember[] | undefined, before: Tags = {}): Tags {
  const tags = new Map(Object.entries(before));
  const seen = new Set<string>();
  for (const { Key = "", Value = "" } of list ?? []) {
    if (seen.has(Key.toLowerCase()))
      throw invalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    if (Key.toLowerCase().startsWith("aws:")) throw invalidInput("System tag keys (aws:) cannot be set.");
    seen.add(Key.toLowerCase());
    for (const known of tags.keys()) if (known.toLowerCase() === Key.toLowerCase()) tags.delete(known);
    tags.set(Key, Value);
  }
  if (tags.size > MAX_TAGS) throw invalidInput(`The number of tags is limited to ${MAX_TAGS}.`);
  return Object.fromEntries(tags);
}

export function withoutTags(tags: Tags, keys: readonly string[]): Tags {
  const gone = new Set(keys.map((key) => key.toLowerCase()));
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !gone.has(key.toLowerCase())));
}

export function shownTags(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
