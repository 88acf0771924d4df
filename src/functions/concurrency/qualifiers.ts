/** What provisioned concurrency may be put on, and which version's environments that means. */
import { ServiceError } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";
import type { ProvisionedVersion } from "../../invoke/contract.ts";
import type { Documents } from "../../store/contract.ts";
import type { AliasDocument, Qualified } from "../aliases/contract.ts";
import { findQualified } from "../aliases/qualified.ts";
import type { FunctionDocument } from "../contract.ts";
import { aliasNotFound, functionNotFound, invalidParameter } from "../errors.ts";
import { ALIAS, aliasKey, isAliasName } from "../keys.ts";

/** The published version, or the alias, that the qualifier names. Throws ResourceNotFoundException where there is none. */
export async function requireQualified(
  documents: Documents,
  scope: Scope,
  name: string,
  qualifier: string,
): Promise<Qualified> {
  const found = await findQualified(documents, scope, name, qualifier);
  if (found) return found;
  throw isAliasName(qualifier) ? aliasNotFound(scope, name, qualifier) : functionNotFound(scope, name, qualifier);
}

/** Throws where provisioned concurrency cannot be put on what the qualifier names. */
export function refuseUnfit({ alias, version }: Qualified): void {
  if (alias?.routing) throw invalidParameter("Alias with weights can not be used with Provisioned Concurrency");
  if (version.version === "$LATEST") {
    throw invalidParameter("Provisioned Concurrency Configs cannot be applied to unpublished function versions.");
  }
  if (version.settings.SnapStart.ApplyOn === "PublishedVersions") {
    throw invalidParameter("Provisioned Concurrency is not supported for SnapStart enabled functions.");
  }
}

/**
 * A version may be provisioned by itself or through an alias, not both. Called with the function's current document, which
 * every change of an alias replaces too.
 */
export async function refuseSecondConfig(
  documents: Documents,
  scope: Scope,
  document: FunctionDocument,
  qualifier: string,
): Promise<void> {
  const { provisioned = {} } = document;
  if (isAliasName(qualifier)) {
    const alias = await aliasNamed(documents, scope, document, qualifier);
    if (alias && Object.hasOwn(provisioned, alias.functionVersion)) {
      throw conflict("Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version");
    }
    return;
  }
  for (const other of Object.keys(provisioned).filter(isAliasName)) {
    const alias = await aliasNamed(documents, scope, document, other);
    if (alias?.functionVersion === qualifier) throw conflict("Version is pointed by a Provisioned Concurrency alias");
  }
}

/**
 * What is wanted of each version, through whatever qualifiers. An alias stands for its first version: one that has got
 * weights since keeps its environments there.
 */
export async function provisionedVersions(
  documents: Documents,
  scope: Scope,
  document: FunctionDocument,
): Promise<ProvisionedVersion[]> {
  const wanted = new Map<string, ProvisionedVersion>();
  for (const [qualifier, { requested, lastModified }] of Object.entries(document.provisioned ?? {})) {
    const alias = isAliasName(qualifier) ? await aliasNamed(documents, scope, document, qualifier) : undefined;
    const version = alias?.functionVersion ?? qualifier;
    const { count = 0, revision = "" } = wanted.get(version) ?? {};
    wanted.set(version, { version, count: count + requested, revision: `${revision} ${lastModified}` });
  }
  return [...wanted.values()].filter(({ version }) => version !== "$LATEST" && !isAliasName(version));
}

async function aliasNamed(
  documents: Documents,
  scope: Scope,
  { name }: FunctionDocument,
  alias: string,
): Promise<AliasDocument | undefined> {
  return (await documents.get<AliasDocument>(ALIAS, aliasKey(scope, name, alias)))?.value;
}

function conflict(message: string): ServiceError {
  return new ServiceError("ResourceConflictException", message, { status: 409, members: { Type: "User" } });
}
