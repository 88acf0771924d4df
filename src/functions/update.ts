/** Changes of $LATEST: new code, or new settings. Both answer while the new content is still being prepared. */
import type { UpdateFunctionCodeRequest, UpdateFunctionConfigurationRequest } from "@aws-sdk/client-lambda";
import { functionArn } from "../base/arn.ts";
import type { Scope } from "../base/scope.ts";
import type { Write } from "../store/contract.ts";
import { requireTrust } from "./code-signing/uses.ts";
import type { FunctionDocument, FunctionVersion, VersionView } from "./contract.ts";
import { changeFunction, readFunction } from "./documents.ts";
import type { Domain } from "./domain.ts";
import { functionNotFound, layersOfImage, revisionMismatch, updateInProgress, wrongState } from "./errors.ts";
import { checkAccessPoints } from "./file-systems.ts";
import { FUNCTION, VERSION, functionKey } from "./keys.ts";
import { chosenLayers, layersMember, requireSize } from "./layers/chosen.ts";
import { packageTypeOf } from "./package-type.ts";
import { packageOf } from "./package.ts";
import { publicationOf, unchangedSince } from "./publish.ts";
import { refuseUpdateOfBlocked } from "./settings/runtime.ts";
import { changedSettings, supportedArchitectures } from "./settings/settings.ts";
import { refuseUnsupported } from "./settings/unsupported.ts";
import { withSealedVariables } from "./variables.ts";
import { withUpdate, type VersionContent } from "./versions.ts";

/** `UpdateFunctionConfiguration`: members that are absent stay as they are. */
export async function updateConfiguration(
  domain: Domain,
  scope: Scope,
  name: string,
  request: UpdateFunctionConfigurationRequest,
): Promise<VersionView> {
  const change = () =>
    changeFunction(domain.documents, scope, name, async (document) => {
      const { latest } = document;
      requireRevision(latest, request.RevisionId);
      // Layers are code as well.
      if (request.Layers?.length && packageTypeOf(latest) === "Image") throw layersOfImage();
      if (request.Layers?.length) await requireTrust(domain.documents, scope, document);
      const { settings: asked, runtimeVersionArn = latest.runtimeVersionArn } = changedSettings(
        domain,
        latest.settings,
        request,
      );
      checkAccessPoints(domain.fileSystems, scope, request.FileSystemConfigs);
      if (request.Role !== undefined) {
        await domain.requireRole({ scope, role: request.Role, functionArn: functionArn(scope, name) });
      }
      const settings = await withSealedVariables(domain.variableKeys, scope, name, asked);
      const content = { ...(await withLayers(domain, scope, latest, request.Layers)), settings, runtimeVersionArn };
      const updated = updatedDocument(domain, scope, document, content);
      return { document: updated, result: updated.latest };
    });
  // The artifacts of new layers are safe only once the function's document names them.
  const version = await (request.Layers?.length ? domain.code.hold(change) : change());
  afterUpdate(domain, scope, name, []);
  return { name, version };
}

/** The layers that the request lists replace all that were there; without a list they stay, also deleted ones. */
async function withLayers(
  domain: Domain,
  scope: Scope,
  latest: FunctionVersion,
  wanted: readonly string[] | undefined,
): Promise<FunctionVersion> {
  if (wanted === undefined) return latest;
  const layers = await chosenLayers(domain.documents, scope, wanted);
  requireSize(latest.code, layers, domain.limits.codeSizeUnzipped);
  const { layers: _replaced, ...rest } = latest;
  return { ...rest, ...layersMember(layers) };
}

/** `UpdateFunctionCode`; with `Publish` the new code becomes a version as well. */
export async function updateCode(
  domain: Domain,
  scope: Scope,
  name: string,
  request: UpdateFunctionCodeRequest,
): Promise<VersionView> {
  refuseUnsupported(request);
  const architectures = supportedArchitectures(domain, request.Architectures);
  const current = await readFunction(domain.documents, scope, name);
  if (!current) throw functionNotFound(scope, name);
  const { latest: before } = current.value;
  refuseUpdateOfBlocked(domain, before.settings.Runtime);
  requireRevision(before, request.RevisionId);
  // Refused before the code is stored where that is already certain; decided for good in the transaction.
  updatedDocument(domain, scope, current.value, before);
  await requireTrust(domain.documents, scope, current.value);
  const type = packageTypeOf(before);
  const architecture = (architectures ?? before.settings.Architectures)[0] ?? domain.architecture;
  const packaged = await packageOf(domain, request, { scope, name, type, architecture, use: "update" });
  domain.requireRoom(scope, packaged.bytes);

  return packaged.store(async (code) => {
    const withCode = (latest: FunctionVersion): VersionContent => {
      requireSize(code, latest.layers ?? [], domain.limits.codeSizeUnzipped);
      const settings = architectures ? { ...latest.settings, Architectures: architectures } : latest.settings;
      return { ...latest, code, settings };
    };
    if (request.DryRun) {
      domain.collection.request();
      const { latest } = current.value;
      return { name, version: { ...latest, ...withCode(latest) } };
    }
    const writes: Write[] = [];
    const version = await changeFunction(domain.documents, scope, name, async (document) => {
      requireRevision(document.latest, request.RevisionId);
      // Deleted meanwhile, and made anew in another way.
      if (packageTypeOf(document.latest) !== type) throw updateInProgress(scope, name);
      await requireTrust(domain.documents, scope, document);
      let updated = updatedDocument(domain, scope, document, withCode(document.latest));
      let answer = updated.latest;
      writes.length = 0;
      if (request.Publish) {
        const existing = await unchangedSince(domain, scope, updated);
        if (existing) return { document: updated, result: existing };
        const publication = publicationOf(scope, updated, domain.clock());
        updated = publication.document;
        answer = publication.version;
        writes.push(...publication.writes);
      }
      return { document: updated, writes, result: answer };
    });
    afterUpdate(domain, scope, name, writes);
    return { name, version };
  });
}

function afterUpdate(domain: Domain, scope: Scope, name: string, published: Write[]): void {
  domain.forget(scope, name);
  domain.preparation.enqueue(FUNCTION, functionKey(scope, name));
  for (const write of published) domain.preparation.enqueue(VERSION, write.key);
}

function requireRevision(latest: FunctionVersion, wanted: string | undefined): void {
  if (wanted !== undefined && wanted !== latest.revisionId) throw revisionMismatch();
}

function updatedDocument(
  domain: Domain,
  scope: Scope,
  document: FunctionDocument,
  content: VersionContent,
): FunctionDocument {
  const updated = withUpdate(document, content, domain.clock());
  if (updated) return updated;
  throw document.latest.phase === "updating"
    ? updateInProgress(scope, document.name)
    : wrongState(document.latest.phase);
}
