import type { CreateFunctionRequest } from "@aws-sdk/client-lambda";
import { functionArn } from "../base/arn.ts";
import type { Scope } from "../base/scope.ts";
import type { Write } from "../store/contract.ts";
import { newUse, refuseUntrusted } from "./code-signing/uses.ts";
import type { FunctionDocument, VersionView } from "./contract.ts";
import { readFunction, tryBatch } from "./documents.ts";
import type { Domain } from "./domain.ts";
import { alreadyExists, signedImage } from "./errors.ts";
import { checkAccessPoints } from "./file-systems.ts";
import { COUNTER, FUNCTION, VERSION, functionKey, type VersionCounter } from "./keys.ts";
import { chosenLayers, layersMember, requireSize } from "./layers/chosen.ts";
import { packageOf } from "./package.ts";
import { publicationOf } from "./publish.ts";
import { newSettings } from "./settings/settings.ts";
import { checkedTags } from "./tags/checked.ts";
import { withSealedVariables } from "./variables.ts";
import { newVersion, type VersionContent } from "./versions.ts";

const ATTEMPTS = 32;

/** `CreateFunction`. The function is Pending when this answers; its code is prepared afterwards. */
export async function create(
  domain: Domain,
  scope: Scope,
  name: string,
  request: CreateFunctionRequest,
): Promise<VersionView> {
  const { settings: asked, runtimeVersionArn = "" } = newSettings(domain, name, request);
  checkAccessPoints(domain.fileSystems, scope, request.FileSystemConfigs);
  checkedTags(request.Tags);
  await domain.requireRole({ scope, role: asked.Role, functionArn: functionArn(scope, name) });
  const wantedLayers = request.Layers ?? [];
  // Refused before the code is stored where that is already certain; decided for good when it cannot be collected.
  await chosenLayers(domain.documents, scope, wantedLayers);
  if (await readFunction(domain.documents, scope, name)) throw alreadyExists(name);
  const { CodeSigningConfigArn: signing, PackageType: type = "Zip" } = request;
  if (signing && type === "Image") throw signedImage();
  const settings = await withSealedVariables(domain.variableKeys, scope, name, asked);
  // Refused before the code is fetched and stored.
  if (signing) refuseUntrusted((await newUse(domain.documents, scope, name, signing)).config, name);
  const architecture = settings.Architectures[0] ?? domain.architecture;
  const packaged = await packageOf(domain, request.Code, {
    scope,
    name,
    type,
    architecture,
    use: "create",
  });
  const copies = request.Publish ? 2 : 1;
  domain.requireRoom(scope, packaged.bytes * copies);

  return packaged.store(async (code) => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const layers = await chosenLayers(domain.documents, scope, wantedLayers);
      requireSize(code, layers, domain.limits.codeSizeUnzipped);
      const view = await tryCreate(domain, scope, name, request, {
        settings,
        runtimeVersionArn,
        code,
        ...layersMember(layers),
      });
      if (view) return view;
      // Somebody else was first: with this function, or with a change of the configuration that it is to use.
      if (await readFunction(domain.documents, scope, name)) break;
    }
    throw alreadyExists(name);
  });
}

/** Undefined when something that it builds on has changed meanwhile. */
async function tryCreate(
  domain: Domain,
  scope: Scope,
  name: string,
  request: CreateFunctionRequest,
  content: VersionContent,
): Promise<VersionView | undefined> {
  const key = functionKey(scope, name);
  const { CodeSigningConfigArn: signing } = request;
  const use = signing ? await newUse(domain.documents, scope, name, signing) : undefined;
  if (use) refuseUntrusted(use.config, name);
  const counter = await domain.documents.get<VersionCounter>(COUNTER, key);
  const now = domain.clock();
  const latest = newVersion("$LATEST", content, "creating", now);
  let document: FunctionDocument = {
    name,
    latest,
    nextVersion: counter?.value.nextVersion ?? 1,
    tags: checkedTags(request.Tags),
    ...(use ? { codeSigningConfig: use.config.id } : {}),
  };
  let answer = latest;
  let versions: Write[] = [];
  if (request.Publish) {
    const publication = publicationOf(scope, document, now);
    document = publication.document;
    answer = publication.version;
    versions = publication.writes;
  }
  const done = await tryBatch(domain.documents, [
    { op: "create", kind: FUNCTION, key, value: document },
    ...versions,
    ...(use?.writes ?? []),
  ]);
  if (!done) return undefined;
  domain.forget(scope, name);
  domain.preparation.enqueue(FUNCTION, key);
  for (const write of versions) domain.preparation.enqueue(VERSION, write.key);
  return { name, version: answer };
}
