/** The functions domain, put together. */
import type { Architecture } from "@aws-sdk/client-lambda";
import type { Artifacts, FetchObject, Images, Runtimes, StoredArtifact } from "../artifacts/contract.ts";
import { systemClock, type Clock } from "../base/clock.ts";
import { asWritten, type PrincipalNames } from "../base/principals.ts";
import type { Scope } from "../base/scope.ts";
import type { Provisioner } from "../invoke/contract.ts";
import type { Change, Documents } from "../store/contract.ts";
import type { AssignmentOptions } from "./assignment.ts";
import { createAliases } from "./aliases/aliases.ts";
import type { CodeKeys } from "./code-keys.ts";
import { createCodeStore, noObjects } from "./code.ts";
import { createCodeSigning } from "./code-signing/code-signing.ts";
import { createCollection } from "./collection.ts";
import { createConcurrency } from "./concurrency/concurrency.ts";
import { createLedgerView } from "./concurrency/ledger.ts";
import { createProvisioning } from "./concurrency/provisioning.ts";
import type { AccountLimits, FunctionDocument, FunctionVersion, Functions } from "./contract.ts";
import { create } from "./create.ts";
import { randomCredentials, type CredentialsFor, type RequireRole } from "./credentials.ts";
import { createDirectory } from "./directory.ts";
import { walk } from "./documents.ts";
import type { Domain } from "./domain.ts";
import { codeStorageExceeded } from "./errors.ts";
import { createEventInvokeConfigs } from "./event-invoke/event-invoke.ts";
import type { FileSystemCatalog } from "./file-systems.ts";
import { FUNCTION, VERSION, functionKey, numberedKey, owningFunction } from "./keys.ts";
import type { LayerVersion } from "./layers/contract.ts";
import { LAYER_VERSION } from "./layers/keys.ts";
import { createLayers } from "./layers/layers.ts";
import { noImages } from "./images.ts";
import { isBusy } from "./phases.ts";
import type { FunctionNetworks } from "./networks.ts";
import type { CheckSource, LastResult, SourceKind } from "./mappings/contract.ts";
import { createMappings } from "./mappings/mappings.ts";
import { createPolicies } from "./policies/policies.ts";
import { createPolicyTexts } from "./policies/text-of.ts";
import { createPreparation, type DocumentKind } from "./preparation.ts";
import { publish } from "./publish.ts";
import { get, list, listVersions } from "./read.ts";
import { createRecursionConfigs } from "./recursion/recursion.ts";
import { remove } from "./remove.ts";
import { createRuntimeManagementConfigs } from "./runtime-management/runtime-management.ts";
import type { SnapshotStore } from "./snap-start/contract.ts";
import { createReview } from "./snap-start/review.ts";
import { createVersionSnapshots } from "./snap-start/snapshots.ts";
import { createTags } from "./tags/tags.ts";
import { updateCode, updateConfiguration } from "./update.ts";
import { createFunctionUrls } from "./urls/urls.ts";
import { createUsage } from "./usage.ts";
import type { VariableKeys } from "./variables.ts";

export interface FunctionsOptions {
  documents: Documents;
  artifacts: Artifacts;
  /** Container images. Absent: none can be had. */
  images?: Images;
  runtimes: Runtimes;
  /** Snapshots of initialised environments. Absent: this level of isolation has none. */
  snapStart?: SnapshotStore | undefined;
  /** Ends the environments of a function, or of one version of it, that serve no current version. */
  retire(scope: Scope, name: string, version?: string): Promise<void>;
  /** Keeps environments ready. Default: none, so that provisioned concurrency stays in progress. */
  provisioner?: Provisioner;
  /** Failures of background work: nobody waits for it, so nobody else would hear of them. */
  report: (error: unknown) => void;
  clock?: Clock;
  /** Reads code in S3. Absent: such code is refused. */
  fetchObject?: FetchObject | undefined;
  /** From 0 up to 1: decides which version of an alias a call goes to. Default Math.random. */
  random?: () => number;
  credentialsFor?: CredentialsFor;
  /** Why a text is no policy of a resource; undefined for one. */
  policyProblem: (text: string) => string | undefined;
  /** Users and roles in policies. Absent: they are kept as they are written. */
  principals?: PrincipalNames;
  /** Encrypts variables with keys of users. Absent: `KMSKeyArn` is kept, and the variables are as they were given. */
  variableKeys?: VariableKeys;
  /** Encrypts code with keys of users. Absent: `SourceKMSKeyArn` is refused. */
  codeKeys?: CodeKeys;
  /** Looks at the sources of event source mappings when they are made. */
  checkSource?: CheckSource;
  /** Kinds of event sources that are polled. Default: queues. */
  polledSources?: ReadonlySet<SourceKind>;
  /** What came of a mapping's last records. */
  lastResult?: LastResult;
  /** Throws ServiceError for a role that Lambda cannot take. */
  requireRole?: RequireRole;
  /** What the host's processors are. Default: those of this process. */
  architecture?: Architecture;
  limits?: Partial<AccountLimits>;
  /** What functions reach. Default: nobody. */
  networks?: FunctionNetworks;
  /** What functions share. Absent: nothing is mounted. */
  fileSystems?: FileSystemCatalog | undefined;
  /** ms from a deletion to the clean-up of its code. Default 5,000. */
  collectionDelay?: number;
}

/** ms */
const HOUR = 60 * 60 * 1000;

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const defaultLimits: AccountLimits = {
  totalCodeSize: 75 * 1024 ** 3,
  codeSizeUnzipped: 250 * 1024 ** 2,
  codeSizeZipped: 50 * 1024 ** 2,
  concurrentExecutions: 1000,
};

export function createFunctions(options: FunctionsOptions): Functions {
  const { documents, artifacts, images = noImages, runtimes, report, clock = systemClock } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const networks = options.networks ?? { access: { kind: "none" } };
  const usage = createUsage();
  const ledger = createLedgerView(documents);
  const policyTexts = createPolicyTexts(documents);
  const provisioner = options.provisioner ?? noProvisioner;
  const provisioning = createProvisioning({ documents, provisioner, report });
  const assigning: AssignmentOptions = {
    artifacts,
    images,
    runtimes,
    credentialsFor: options.credentialsFor ?? randomCredentials,
    variableKeys: options.variableKeys,
    codeKeys: options.codeKeys,
    networks,
    fileSystems: options.fileSystems,
  };
  const code = createCodeStore(artifacts);
  const snapshots =
    options.snapStart &&
    createVersionSnapshots({
      ...assigning,
      store: options.snapStart,
      documents,
      code,
      report,
      waits(scope, name, version) {
        forget(scope, name);
        retire(scope, name, version);
        preparation.enqueue(VERSION, numberedKey(scope, name, Number(version)));
      },
    });
  const directory = createDirectory({
    ...assigning,
    documents,
    snapshots,
    accountConcurrency: limits.concurrentExecutions,
    random: options.random ?? Math.random,
    reservedConcurrency: (scope) => ledger.held(scope),
  });
  const forget = (scope: Scope, name: string): void => directory.forget(functionKey(scope, name));
  const retire = (scope: Scope, name: string, version?: string): void => {
    options.retire(scope, name, version).catch(report);
  };
  const collection = createCollection({
    documents,
    code,
    report,
    delay: options.collectionDelay ?? 5000,
    period: HOUR,
  });
  const preparation = createPreparation({
    documents,
    artifacts,
    images,
    runtimes,
    codeKeys: options.codeKeys,
    snapshots,
    report,
    finished(scope, name, version) {
      forget(scope, name);
      retire(scope, name, version);
      collection.request();
    },
  });
  const domain: Domain = {
    documents,
    artifacts,
    images,
    runtimes,
    limits,
    networks,
    fileSystems: options.fileSystems,
    code,
    fetchObject: options.fetchObject ?? noObjects,
    requireRole: options.requireRole ?? (async () => undefined),
    variableKeys: options.variableKeys,
    codeKeys: options.codeKeys,
    preparation,
    snapshots,
    collection,
    provisioner,
    forget,
    retire,
    clock,
    architecture: options.architecture ?? (process.arch === "arm64" ? "arm64" : "x86_64"),
    requireRoom(scope, bytes) {
      if (usage.of(scope).totalCodeSize + bytes > limits.totalCodeSize) throw codeStorageExceeded();
    },
  };
  const watch = (kind: DocumentKind): (() => void) =>
    documents.watch<FunctionDocument | FunctionVersion>(
      kind,
      "",
      ({ key, stored }: Change<FunctionDocument | FunctionVersion>) => {
        directory.forget(owningFunction(kind, key));
        usage.note(kind, key, stored && codeOf(stored.value));
        if (kind === FUNCTION) provisioning.changed(key, stored?.value as FunctionDocument | undefined);
      },
    );
  const watches = [
    watch(FUNCTION),
    watch(VERSION),
    documents.watch<LayerVersion>(LAYER_VERSION, "", ({ key, stored }) =>
      usage.note(LAYER_VERSION, key, stored?.value.code),
    ),
  ];
  const reviewed = createReview({ documents, snapshots, report });
  const urls = createFunctionUrls(domain);
  const eventInvoke = createEventInvokeConfigs({ documents, clock });

  return {
    create: (scope, name, request) => create(domain, scope, name, request),
    get: (scope, name, qualifier) => get(documents, scope, name, qualifier),
    list: (scope, listOptions) => list(documents, scope, listOptions),
    listVersions: (scope, name, listOptions) => listVersions(documents, scope, name, listOptions),
    updateCode: (scope, name, request) => updateCode(domain, scope, name, request),
    updateConfiguration: (scope, name, request) => updateConfiguration(domain, scope, name, request),
    publish: (scope, name, request) => publish(domain, scope, name, request),
    remove: (scope, name, qualifier) => remove(domain, scope, name, qualifier),
    limits: () => limits,
    usage: (scope) => usage.of(scope),
    layers: createLayers(domain),
    directory,
    aliases: createAliases({ documents, forget }),
    mappings: createMappings({
      documents,
      clock: domain.clock,
      requireFunction: (scope, name, qualifier) => get(documents, scope, name, qualifier),
      checkSource: options.checkSource,
      polledSources: options.polledSources,
      lastResult: options.lastResult,
    }),
    urls,
    concurrency: createConcurrency(domain, ledger),
    policies: createPolicies({
      documents,
      texts: policyTexts,
      problemOf: options.policyProblem,
      principals: options.principals ?? asWritten,
    }),
    tags: createTags(documents),
    eventInvoke,
    recursion: createRecursionConfigs(documents),
    runtimeManagement: createRuntimeManagementConfigs(documents, runtimes),
    codeSigning: createCodeSigning({ documents, clock }),
    async start() {
      await ledger.start();
      for (const kind of [FUNCTION, VERSION] as const) {
        for await (const { key, value } of walk<FunctionDocument | FunctionVersion>(documents, kind, "")) {
          usage.note(kind, key, codeOf(value));
          if ("latest" in value) provisioning.changed(key, value);
          if (isBusy(("latest" in value ? value.latest : value).phase)) preparation.enqueue(kind, key);
          else if (!("latest" in value)) await reviewed.review(key, value);
        }
      }
      for await (const { key, value } of walk<LayerVersion>(documents, LAYER_VERSION, "")) {
        usage.note(LAYER_VERSION, key, value.code);
      }
      // Code that was stored for a function whose document never was.
      collection.request();
    },
    async settled() {
      await reviewed.settled();
      await preparation.settled();
      await provisioning.settled();
      await collection.settled();
    },
    async close() {
      for (const unwatch of watches) unwatch();
      urls.close();
      policyTexts.close();
      eventInvoke.close();
      ledger.close();
      await options.snapStart?.close();
      await provisioning.close();
      await reviewed.close();
      await preparation.close();
      await collection.close();
    },
  };
}

function codeOf(value: FunctionDocument | FunctionVersion): StoredArtifact {
  return ("latest" in value ? value.latest : value).code;
}

const noProvisioner: Provisioner = {
  provision: () => undefined,
  state: () => ({ status: "IN_PROGRESS", allocated: 0, available: 0 }),
};
