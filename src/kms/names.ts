/** Ids and ARNs of keys and aliases, and the names of their documents. */
import { partitionOf } from "../base/arn.ts";
import type { Scope } from "../base/scope.ts";
import { invalidArn, invalidKeyId } from "./errors.ts";

/** `account/region/id` → KeyDocument */
export const KEY = "kms-key";
/** `account/region/alias/…` → AliasDocument */
export const ALIAS = "kms-alias";
/** `account/region/key/grant` → GrantDocument */
export const GRANT = "kms-grant";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const arnPattern = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):(\d{12}):(?:key\/(.+)|(alias\/.+))$/;

export function scopeKey({ account, region }: Scope, name: string): string {
  return `${account}/${region}/${name}`;
}

export function keyArn(scope: Scope, id: string): string {
  return `arn:${partitionOf(scope.region)}:kms:${scope.region}:${scope.account}:key/${id}`;
}

export function aliasArn(scope: Scope, name: string): string {
  return `arn:${partitionOf(scope.region)}:kms:${scope.region}:${scope.account}:${name}`;
}

export type KeyName = { scope: Scope; id: string } | { scope: Scope; alias: string };

/** Throws NotFoundException or InvalidArnException for what names no key of this region. */
export function parseKeyName(caller: Scope, text: string): KeyName {
  const scope: Scope = { account: caller.account, region: caller.region };
  if (text.startsWith("arn:")) {
    const [, region, account, id, alias] = arnPattern.exec(text) ?? [];
    if (region === undefined || account === undefined) throw invalidArn(`Invalid arn ${text}`);
    if (region !== caller.region) throw invalidArn(`Invalid arn ${region}`);
    const owner = { account, region };
    if (alias !== undefined) return { scope: owner, alias };
    if (id === undefined || !uuid.test(id)) throw invalidKeyId(text);
    return { scope: owner, id };
  }
  if (text.startsWith("alias/")) return { scope, alias: text };
  if (!uuid.test(text)) throw invalidKeyId(text);
  return { scope, id: text };
}

/** Undefined when it is no ARN of a key. */
export function parseKeyArn(arn: string): { scope: Scope; id: string } | undefined {
  const [, region, account, id] = arnPattern.exec(arn) ?? [];
  if (region === undefined || account === undefined || id === undefined) return undefined;
  return { scope: { account, region }, id };
}
