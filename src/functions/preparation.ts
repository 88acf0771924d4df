/**
 * Preparing code after the answer to its upload: Pending becomes Active or Failed, an update Successful or Failed. What
 * is to be prepared is read from the documents alone, so that a start after a crash finds the same work again.
 */
import { ImageRefusal, type Artifacts, type Images, type Runtimes } from "../artifacts/contract.ts";
import { KilnError, ServiceError, messageOf } from "../base/errors.ts";
import type { Scope } from "../base/scope.ts";
import { StoreConflict, type Documents } from "../store/contract.ts";
import type { CodeKeys } from "./code-keys.ts";
import { createBackground } from "./background.ts";
import type { Failure, FunctionDocument, FunctionVersion } from "./contract.ts";
import { imageFailure, requireProgram } from "./images.ts";
import { FUNCTION, VERSION, owningFunction, partsOfFunctionKey } from "./keys.ts";
import { preparedTree } from "./layers/tree.ts";
import { isBusy } from "./phases.ts";
import type { VersionSnapshots } from "./snap-start/snapshots.ts";
import { wantsSnapshot } from "./snap-start/wanted.ts";
import { afterPreparation, fingerprint, type Prepared } from "./versions.ts";

export type DocumentKind = typeof FUNCTION | typeof VERSION;

export interface Preparation {
  enqueue(kind: DocumentKind, key: string): void;
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface PreparationOptions {
  documents: Documents;
  artifacts: Artifacts;
  images: Images;
  runtimes: Runtimes;
  codeKeys?: CodeKeys | undefined;
  /** Absent: this level of isolation has none. */
  snapshots: VersionSnapshots | undefined;
  /** Called after a version has become ready or has failed, when the change is durable. */
  finished(scope: Scope, name: string, version: string): void;
  report: (error: unknown) => void;
}

/** What is unpacked at once, the artifacts decide: most of these wait, for a registry or for a runtime's image. */
const CONCURRENCY = 16;

export function createPreparation(options: PreparationOptions): Preparation {
  const background = createBackground({
    concurrency: CONCURRENCY,
    report: options.report,
    work: async (name) => {
      const cut = name.indexOf(" ");
      await prepare(options, name.slice(0, cut) as DocumentKind, name.slice(cut + 1));
    },
  });
  return {
    enqueue: (kind, key) => background.enqueue(`${kind} ${key}`),
    settled: () => background.settled(),
    close: () => background.close(),
  };
}

async function prepare(options: PreparationOptions, kind: DocumentKind, key: string): Promise<void> {
  const version = await versionIn(options.documents, kind, key);
  if (!version || !isBusy(version.phase)) return;
  const { scope, name } = partsOfFunctionKey(owningFunction(kind, key));
  const prepared = await preparedVersion(options, scope, name, version);
  if (!prepared) return;
  const done = (outcome: Prepared): Promise<boolean> =>
    finish(options.documents, kind, key, version.key, { ...prepared, ...outcome });
  const { snapshots } = options;
  const withSnapshot = snapshots !== undefined && !prepared.failure && wantsSnapshot(version);
  if (!(await (withSnapshot ? snapshots.take({ scope, name, version }, done) : done(prepared)))) return;
  options.finished(scope, name, version.version);
}

/** AWS's reasons for keys that cannot be used. */
const keyFailures: Readonly<Record<string, Failure["code"]>> = {
  KMSDisabledException: "DisabledKMSKey",
  KMSInvalidStateException: "InvalidStateKMSKey",
  KMSNotFoundException: "KMSKeyNotFound",
  KMSAccessDeniedException: "KMSKeyAccessDenied",
};

/** Undefined when this process ends before the preparation does: the next one starts it anew. */
async function preparedVersion(
  options: PreparationOptions,
  scope: Scope,
  name: string,
  version: FunctionVersion,
): Promise<Prepared | undefined> {
  const { image } = version.code;
  try {
    if (image !== undefined) {
      requireProgram(version);
      await options.images.pull(image);
    }
    await preparedTree(options, scope, name, version);
  } catch (error) {
    if (error instanceof KilnError && error.code === "PULL_STOPPED") return undefined;
    if (image !== undefined && error instanceof ImageRefusal) return { failure: imageFailure(image.uri, error) };
    if (error instanceof ServiceError) {
      return { failure: { code: keyFailures[error.code] ?? "InvalidZipFileException", reason: error.message } };
    }
    options.report(error);
    return { failure: { code: "InternalError", reason: `The code could not be prepared: ${inWords(error)}` } };
  }
  const { Runtime: runtime } = version.settings;
  if (runtime === undefined) return {};
  try {
    return { runtimeVersionArn: (await options.runtimes.ensure?.(runtime))?.versionArn };
  } catch (error) {
    if (error instanceof KilnError && error.code === "BUILD_STOPPED") return undefined;
    options.report(error);
    const reason = `The image of the runtime ${runtime} could not be built: ${inWords(error)}`;
    return { failure: { code: "InvalidRuntime", reason } };
  }
}

function inWords(error: unknown): string {
  const hint = error instanceof KilnError && error.hint !== undefined ? ` ${error.hint}` : "";
  return `${messageOf(error)}${hint}`;
}

/** False when the version has been replaced or removed meanwhile: then its preparation means nothing any more. */
async function finish(
  documents: Documents,
  kind: DocumentKind,
  key: string,
  versionKey: string,
  prepared: Prepared,
): Promise<boolean> {
  for (;;) {
    const stored = await documents.get<FunctionDocument | FunctionVersion>(kind, key);
    if (!stored) return false;
    const current = "latest" in stored.value ? stored.value.latest : stored.value;
    const next = current.key === versionKey ? afterPreparation(current, prepared) : undefined;
    if (!next) return false;
    const value = "latest" in stored.value ? withLatest(stored.value, next) : next;
    try {
      await documents.replace(kind, key, value, stored.version);
      return true;
    } catch (error) {
      // Somebody wrote another member; each round either ends this or means that another write was made.
      if (!(error instanceof StoreConflict)) throw error;
    }
  }
}

function withLatest(document: FunctionDocument, latest: FunctionVersion): FunctionDocument {
  if (latest.phase !== "ready") return { ...document, latest };
  const { serving: _replaced, published, ...rest } = document;
  const unchanged = published !== undefined && published.fingerprint === fingerprint(document.latest);
  return {
    ...rest,
    latest,
    // What was published together with it is still the same: only the version of its runtime has become known.
    ...(published && { published: unchanged ? { ...published, fingerprint: fingerprint(latest) } : published }),
  };
}

async function versionIn(documents: Documents, kind: DocumentKind, key: string): Promise<FunctionVersion | undefined> {
  if (kind === VERSION) return (await documents.get<FunctionVersion>(VERSION, key))?.value;
  return (await documents.get<FunctionDocument>(FUNCTION, key))?.value.latest;
}
