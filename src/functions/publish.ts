/** Publishing: an immutable copy of $LATEST under the next number. */
import type { Write } from "../store/contract.ts";
import type { Scope } from "../base/scope.ts";
import type { FunctionDocument, FunctionVersion, PublishRequest, VersionView } from "./contract.ts";
import { changeFunction, readVersion } from "./documents.ts";
import type { Domain } from "./domain.ts";
import { invalidParameter, revisionMismatch, updateInProgress, wrongState } from "./errors.ts";
import { VERSION, numberedKey } from "./keys.ts";
import { newId } from "../base/ids.ts";
import { refuseUnsupported } from "./settings/unsupported.ts";
import { wantsSnapshot } from "./snap-start/wanted.ts";
import { fingerprint, newVersion } from "./versions.ts";

export interface Publication {
  document: FunctionDocument;
  writes: Write[];
  version: FunctionVersion;
}

/** `PublishVersion`. Answers with the newest version when nothing has changed since it was published. */
export async function publish(
  domain: Domain,
  scope: Scope,
  name: string,
  request: PublishRequest,
): Promise<VersionView> {
  refuseUnsupported(request);
  const version = await changeFunction(domain.documents, scope, name, async (document) => {
    const { latest } = document;
    if (latest.phase === "creating") throw wrongState(latest.phase);
    if (latest.phase === "updating") throw updateInProgress(scope, name);
    if (latest.phase === "failed") throw wrongState(latest.phase);
    if (request.RevisionId !== undefined && request.RevisionId !== latest.revisionId) throw revisionMismatch();
    refuseOtherCode(latest, request.CodeSha256);
    const existing = await unchangedSince(domain, scope, document);
    if (existing) return { result: existing };
    domain.requireRoom(scope, latest.code.size);
    const publication = publicationOf(scope, document, domain.clock(), {
      description: request.Description,
      snapshots: domain.snapshots !== undefined,
    });
    return { document: publication.document, writes: publication.writes, result: publication.version };
  });
  // Does nothing where the version was ready at once.
  domain.preparation.enqueue(VERSION, numberedKey(scope, name, Number(version.version)));
  return { name, version };
}

/**
 * The writes that publish the document's $LATEST. A version of code that is ready is ready at once, unless a snapshot of it is
 * to be taken (`snapshots`: the host can); otherwise it is prepared on its own.
 */
export function publicationOf(
  scope: Scope,
  document: FunctionDocument,
  now: number,
  { description, snapshots = false }: { description?: string | undefined; snapshots?: boolean } = {},
): Publication {
  const { latest } = document;
  const number = String(document.nextVersion);
  const settings = description === undefined ? latest.settings : { ...latest.settings, Description: description };
  const waits = latest.phase !== "ready" || (snapshots && wantsSnapshot({ version: number, settings }));
  const version = newVersion(number, { ...latest, settings }, waits ? "creating" : "ready", now);
  return {
    version,
    document: {
      ...document,
      // AWS gives $LATEST a new revision as well.
      latest: { ...latest, revisionId: newId() },
      nextVersion: document.nextVersion + 1,
      published: { version: number, fingerprint: fingerprint(latest) },
    },
    writes: [
      { op: "create", kind: VERSION, key: numberedKey(scope, document.name, document.nextVersion), value: version },
    ],
  };
}

/** The newest published version, if it is still there and was made of the same code and settings. */
export async function unchangedSince(
  domain: Domain,
  scope: Scope,
  document: FunctionDocument,
): Promise<FunctionVersion | undefined> {
  if (document.published?.fingerprint !== fingerprint(document.latest)) return undefined;
  const stored = await readVersion(domain.documents, scope, document.name, document.published.version);
  return stored?.value;
}

function refuseOtherCode(latest: FunctionVersion, wanted: string | undefined): void {
  if (wanted === undefined || wanted === "" || wanted === latest.code.codeSha256) return;
  throw invalidParameter(
    `CodeSHA256 (${wanted}) is different from current CodeSHA256 in $LATEST (${latest.code.codeSha256}). ` +
      "Please try again with the CodeSHA256 in $LATEST.",
  );
}
