import type { CreateFunctionRequest } from "@aws-sdk/client-lambda";
import type { Scope } from "../base/scope.ts";
import type { Write } from "../store/contract.ts";
import { zipOf } from "./code.ts";
import type { FunctionDocument, VersionView } from "./contract.ts";
import { readFunction, tryBatch } from "./documents.ts";
import type { Domain } from "./domain.ts";
import { alreadyExists } from "./errors.ts";
import { COUNTER, FUNCTION, VERSION, functionKey, type VersionCounter } from "./keys.ts";
import { chosenLayers, layersMember, requireSize } from "./layers/chosen.ts";
import { publicationOf } from "./publish.ts";
import { newSettings } from "./settings/settings.ts";
import { checkedTags } from "./settings/tags.ts";
import { newVersion } from "./versions.ts";

/** `CreateFunction`. The function is Pending when this answers; its code is prepared afterwards. */
export async function create(
  domain: Domain,
  scope: Scope,
  name: string,
  request: CreateFunctionRequest,
): Promise<VersionView> {
  const { settings, runtimeVersionArn = "" } = newSettings(domain, name, request);
  const tags = checkedTags(request.Tags);
  const wantedLayers = request.Layers ?? [];
  // Refused before the code is stored where that is already certain; decided for good when it cannot be collected.
  await chosenLayers(domain.documents, scope, wantedLayers);
  if (await readFunction(domain.documents, scope, name)) throw alreadyExists(name);
  const zip = await zipOf(domain, request.Code);
  const copies = request.Publish ? 2 : 1;
  domain.requireRoom(scope, zip.byteLength * copies);

  const key = functionKey(scope, name);
  return domain.code.put(zip, async (code) => {
    const layers = await chosenLayers(domain.documents, scope, wantedLayers);
    requireSize(code, layers, domain.limits.codeSizeUnzipped);
    const counter = await domain.documents.get<VersionCounter>(COUNTER, key);
    const now = domain.clock();
    const latest = newVersion(
      "$LATEST",
      { settings, code, runtimeVersionArn, ...layersMember(layers) },
      "creating",
      now,
    );
    let document: FunctionDocument = { name, latest, nextVersion: counter?.value.nextVersion ?? 1, tags };
    let answer = latest;
    const writes: Write[] = [];
    if (request.Publish) {
      const publication = publicationOf(scope, document, now);
      document = publication.document;
      answer = publication.version;
      writes.push(...publication.writes);
    }
    const done = await tryBatch(domain.documents, [{ op: "create", kind: FUNCTION, key, value: document }, ...writes]);
    if (!done) throw alreadyExists(name);
    domain.forget(scope, name);
    domain.preparation.enqueue(FUNCTION, key);
    for (const write of writes) domain.preparation.enqueue(VERSION, write.key);
    return { name, version: answer };
  });
}
