/** Names of the documents of this domain. */
import type { Scope } from "../base/scope.ts";

/** `account/region/name` → FunctionDocument */
export const FUNCTION = "function";
/** `account/region/name/number` → FunctionVersion, the number padded so that key order is number order. */
export const VERSION = "function-version";
/** `account/region/name/alias` → AliasDocument */
export const ALIAS = "function-alias";
/** `account/region/name` → VersionCounter: outlives the function, because AWS never uses a version number twice. */
export const COUNTER = "function-counter";

/** `account/region/name/qualifier` → PolicyDocument; that of the function itself under `$LATEST`. */
export const POLICY = "function-policy";
/** `account/region/name/qualifier` → EventInvokeDocument */
export const EVENT_INVOKE = "event-invoke-config";
/** `account/region/name/qualifier` → RuntimeManagementDocument */
export const RUNTIME_MANAGEMENT = "runtime-management-config";
/** `account/region/csc-…` → CodeSigningConfigDocument */
export const CODE_SIGNING_CONFIG = "code-signing-config";
/** `account/region/csc-…/name`: the functions that use a code signing configuration. */
export const CODE_SIGNING_USE = "code-signing-use";

export interface VersionCounter {
  nextVersion: number;
}

const DIGITS = 10;

export function scopePrefix(scope: Scope): string {
  return `${scope.account}/${scope.region}/`;
}

export function functionKey(scope: Scope, name: string): string {
  return `${scopePrefix(scope)}${name}`;
}

/** Undefined when the text is not a version number, so that no document can have that name. */
export function versionKey(scope: Scope, name: string, version: string): string | undefined {
  return isVersionNumber(version) ? numberedKey(scope, name, Number(version)) : undefined;
}

export function numberedKey(scope: Scope, name: string, number: number): string {
  return `${functionKey(scope, name)}/${String(number).padStart(DIGITS, "0")}`;
}

export function versionPrefix(scope: Scope, name: string): string {
  return `${functionKey(scope, name)}/`;
}

export function aliasKey(scope: Scope, name: string, alias: string): string {
  return `${functionKey(scope, name)}/${alias}`;
}

/** Of what belongs to `$LATEST`, one version or one alias. */
export function qualifiedKey(scope: Scope, name: string, qualifier: string): string {
  return `${functionKey(scope, name)}/${qualifier}`;
}

/** What AWS's pattern of alias names leaves over: everything that could not be a version. */
export function isAliasName(qualifier: string): boolean {
  return /^(?!\d+$)[a-zA-Z0-9-_]{1,128}$/.test(qualifier);
}

export function isVersionNumber(qualifier: string): boolean {
  return /^[1-9]\d{0,9}$/.test(qualifier);
}

/** The key of the function that a document of either kind belongs to. */
export function owningFunction(kind: typeof FUNCTION | typeof VERSION, key: string): string {
  return kind === FUNCTION ? key : key.slice(0, key.lastIndexOf("/"));
}

export interface KeyParts {
  scope: Scope;
  name: string;
}

export function partsOfFunctionKey(key: string): KeyParts {
  const [account = "", region = "", name = ""] = key.split("/");
  return { scope: { account, region }, name };
}
