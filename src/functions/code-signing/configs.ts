/** Code signing configurations by themselves. */
import { randomText } from "../../base/ids.ts";
import type { Clock } from "../../base/clock.ts";
import type { CreateCodeSigningConfigRequest } from "@aws-sdk/client-lambda";
import type { Scope } from "../../base/scope.ts";
import type { Documents, Stored } from "../../store/contract.ts";
import type { ListOptions } from "../contract.ts";
import { tryBatch } from "../documents.ts";
import { CODE_SIGNING_CONFIG, CODE_SIGNING_USE, scopePrefix } from "../keys.ts";
import { checkedTags } from "../tags/checked.ts";
import type { CodeSigningChange, CodeSigningConfigDocument, CodeSigningListing } from "./contract.ts";
import { configArn, configBusy, configInUse, configNotFound } from "./errors.ts";

export interface CodeSigningOptions {
  documents: Documents;
  clock: Clock;
}

const ATTEMPTS = 32;
const ID_LENGTH = 17;

/** `CreateCodeSigningConfig` */
export async function create(
  { documents, clock }: CodeSigningOptions,
  scope: Scope,
  request: CreateCodeSigningConfigRequest,
): Promise<CodeSigningConfigDocument> {
  const config: CodeSigningConfigDocument = {
    id: `csc-${randomText(ID_LENGTH, "0123456789abcdefghijklmnopqrstuvwxyz")}`,
    ...(request.Description === undefined ? {} : { description: request.Description }),
    allowedPublishers: request.AllowedPublishers?.SigningProfileVersionArns ?? [],
    policy: request.CodeSigningPolicies?.UntrustedArtifactOnDeployment ?? "Warn",
    lastModified: clock(),
    tags: checkedTags(request.Tags),
  };
  await documents.create(CODE_SIGNING_CONFIG, configKey(scope, config.id), config);
  return config;
}

/** `GetCodeSigningConfig` */
export async function get(documents: Documents, scope: Scope, arn: string): Promise<CodeSigningConfigDocument> {
  return (await readConfig(documents, scope, arn)).value;
}

/** `UpdateCodeSigningConfig` */
export async function update(
  { documents, clock }: CodeSigningOptions,
  scope: Scope,
  arn: string,
  { Description, AllowedPublishers, CodeSigningPolicies }: CodeSigningChange,
): Promise<CodeSigningConfigDocument> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const { key, value: current, version } = await readConfig(documents, scope, arn);
    const value: CodeSigningConfigDocument = {
      ...current,
      ...(Description === undefined ? {} : { description: Description }),
      allowedPublishers: AllowedPublishers?.SigningProfileVersionArns ?? current.allowedPublishers,
      policy: CodeSigningPolicies?.UntrustedArtifactOnDeployment ?? current.policy,
      lastModified: clock(),
    };
    if (await tryBatch(documents, [{ op: "replace", kind: CODE_SIGNING_CONFIG, key, value, version }])) return value;
  }
  throw configBusy(arn);
}

/** `DeleteCodeSigningConfig`. Whoever begins to use it writes its document, so that this then starts again. */
export async function remove(documents: Documents, scope: Scope, arn: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const { key, version } = await readConfig(documents, scope, arn);
    const uses = await documents.list(CODE_SIGNING_USE, `${key}/`, { limit: 1 });
    if (uses.items.length > 0) throw configInUse(arn);
    if (await tryBatch(documents, [{ op: "remove", kind: CODE_SIGNING_CONFIG, key, version }])) return;
  }
  throw configBusy(arn);
}

/** `ListCodeSigningConfigs` */
export async function list(
  documents: Documents,
  scope: Scope,
  { limit, after }: ListOptions,
): Promise<CodeSigningListing<CodeSigningConfigDocument>> {
  const { items, next } = await documents.list<CodeSigningConfigDocument>(CODE_SIGNING_CONFIG, scopePrefix(scope), {
    limit,
    ...(after === undefined ? {} : { after: configKey(scope, after) }),
  });
  const last = items.at(-1);
  return { items: items.map(({ value }) => value), ...(next === undefined || !last ? {} : { next: last.value.id }) };
}

/** `ListFunctionsByCodeSigningConfig` */
export async function functions(
  documents: Documents,
  scope: Scope,
  arn: string,
  { limit, after }: ListOptions,
): Promise<CodeSigningListing<string>> {
  const { key } = await readConfig(documents, scope, arn);
  const { items, next } = await documents.list(CODE_SIGNING_USE, `${key}/`, {
    limit,
    ...(after === undefined ? {} : { after: `${key}/${after}` }),
  });
  const names = items.map((item) => item.key.slice(key.length + 1));
  const last = names.at(-1);
  return { items: names, ...(next === undefined || last === undefined ? {} : { next: last }) };
}

/** Throws ResourceNotFoundException. */
async function readConfig(documents: Documents, scope: Scope, arn: string): Promise<Stored<CodeSigningConfigDocument>> {
  const stored = await findConfig(documents, scope, arn);
  if (!stored) throw configNotFound(arn);
  return stored;
}

/** Undefined also when the ARN is one of another account or region. */
export async function findConfig(
  documents: Documents,
  scope: Scope,
  arn: string,
): Promise<Stored<CodeSigningConfigDocument> | undefined> {
  const id = arn.slice(arn.lastIndexOf(":") + 1);
  if (arn !== configArn(scope, id)) return undefined;
  return documents.get<CodeSigningConfigDocument>(CODE_SIGNING_CONFIG, configKey(scope, id));
}

export function configKey(scope: Scope, id: string): string {
  return `${scopePrefix(scope)}${id}`;
}
