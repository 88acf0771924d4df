/**
 * Functions and their versions: what the rest of Kiln may ask of them. No HTTP, no ARNs as input: a caller has already
 * found out which account, region and name it means. Members of settings have AWS's names, so that they are kept and
 * given back as they came.
 */
import type {
  Architecture,
  CreateFunctionRequest,
  FileSystemConfig,
  ImageConfig,
  LoggingConfig,
  PublishVersionRequest,
  RecursiveLoop,
  Runtime,
  SnapStart,
  TenancyConfig,
  TracingMode,
  UpdateFunctionCodeRequest,
  UpdateFunctionConfigurationRequest,
  VpcConfigResponse,
} from "@aws-sdk/client-lambda";
import type { StoredArtifact } from "../artifacts/contract.ts";
import type { Scope } from "../base/scope.ts";
import type { FunctionDirectory } from "../invoke/contract.ts";
import type { Aliases } from "./aliases/contract.ts";
import type { Mappings } from "./mappings/contract.ts";
import type { FunctionUrls } from "./urls/contract.ts";
import type { Layers, UsedLayer } from "./layers/contract.ts";
import type { Concurrency, ProvisionedConfig } from "./concurrency/contract.ts";
import type { CodeSigning } from "./code-signing/contract.ts";
import type { EventInvokeConfigs } from "./event-invoke/contract.ts";
import type { Policies } from "./policies/contract.ts";
import type { RecursionConfigs } from "./recursion/contract.ts";
import type { RuntimeManagementConfigs } from "./runtime-management/contract.ts";
import type { VersionSnapshot } from "./snap-start/contract.ts";
import type { Tags } from "./tags/contract.ts";

/** The configuration of one version, complete with AWS's defaults. */
export interface Settings {
  /** Absent in a function of a container image, like `Handler`. */
  Runtime?: Runtime;
  Role: string;
  Handler?: string;
  /** What a function of a container image runs instead of what the image says. */
  ImageConfig?: ImageConfig;
  Description: string;
  /** Seconds. */
  Timeout: number;
  /** MB. */
  MemorySize: number;
  /** MB. */
  EphemeralStorage: { Size: number };
  Architectures: Architecture[];
  LoggingConfig: LoggingConfig;
  /** Present: each tenant has environments of its own. Chosen when the function is made, for ever. */
  TenancyConfig?: TenancyConfig;
  /** In the clear, as far as the store is: absent where `SealedVariables` has them. */
  Environment?: { Variables: Record<string, string> };
  /** The variables under the key of `KMSKeyArn`; nobody else is shown it. */
  SealedVariables?: SealedVariables;
  /** Kept and given back; has no effect yet. */
  TracingConfig: { Mode: TracingMode };
  /** Published versions are made of snapshots where the level of isolation has them. */
  SnapStart: Required<SnapStart>;
  /** Kept and given back; has no effect yet. */
  DeadLetterConfig?: { TargetArn: string };
  /** Lists without entries: the function has left its network. */
  VpcConfig?: Required<VpcConfigResponse>;
  /** Kept and given back; has no effect yet. At least one where present. */
  FileSystemConfigs?: FileSystemConfig[];
  /** The key that the variables are encrypted with, beside the store's own. */
  KMSKeyArn?: string;
}

export interface SealedVariables {
  /** As `KMSKeyArn` named it. */
  readonly key: string;
  /** Base64 */
  readonly blob: string;
}

/** Where a version is in its life; the table of its moves is in `phases.ts`. */
export type Phase = "creating" | "ready" | "updating" | "update-failed" | "failed";

/** Why a preparation failed, in AWS's words where there are any. */
export interface Failure {
  code:
    | "InvalidZipFileException"
    | "InvalidRuntime"
    | "InternalError"
    | "InvalidImage"
    | "ImageAccessDenied"
    | "ImageDeleted"
    | "DisabledKMSKey"
    | "InvalidStateKMSKey"
    | "KMSKeyNotFound"
    | "KMSKeyAccessDenied"
    /** It could not be initialised for its snapshot. */
    | "FunctionError";
  reason: string;
}

/** One version as it is stored. A published one changes only its phase and revision. */
export interface FunctionVersion {
  /** `$LATEST`, or a number from 1. */
  version: string;
  /** Identity of this code with these layers and settings; changes with both, and with nothing else. */
  key: string;
  /** AWS's RevisionId: changes with every change, also of the phase. */
  revisionId: string;
  settings: Settings;
  code: StoredArtifact;
  /** In the order in which they are extracted to /opt; absent when there are none. */
  layers?: UsedLayer[];
  /** Empty while the image of the runtime is still to be built. */
  runtimeVersionArn: string;
  /** ms since the epoch. */
  lastModified: number;
  phase: Phase;
  /** Present in the phases `failed` and `update-failed`. */
  failure?: Failure;
  /** Of a published version with SnapStart, where this level of isolation has snapshots. */
  snapshot?: VersionSnapshot;
  /** Its snapshot did not fit any more, and is being taken anew, or could not be. */
  regenerating?: true;
}

/** One function as it is stored. Published versions are documents of their own. */
export interface FunctionDocument {
  name: string;
  latest: FunctionVersion;
  /** What calls of $LATEST run while `latest` is being prepared, or could not be; absent when it is `latest` itself. */
  serving?: FunctionVersion;
  /** Number of the next published version. Never reused, also not by a later function of the same name. */
  nextVersion: number;
  /** The newest published version and what it was made of, so that publishing the same again makes no new one. */
  published?: { version: string; fingerprint: string };
  tags: Record<string, string>;
  reservedConcurrency?: number;
  /** Provisioned concurrency by qualifier. */
  provisioned?: Record<string, ProvisionedConfig>;
  /** Absent means `Terminate`. */
  recursiveLoop?: RecursiveLoop;
  /** Id of the code signing configuration that new code must satisfy. */
  codeSigningConfig?: string;
}

/** A version with the name that it belongs to. */
export interface VersionView {
  name: string;
  version: FunctionVersion;
}

export interface FunctionView extends VersionView {
  tags: Record<string, string>;
  reservedConcurrency?: number;
}

export interface Listing {
  items: VersionView[];
  /** Opaque; pass as `after` to go on. Absent on the last page. */
  next?: string;
}

export interface ListOptions {
  /** Items of a page; at least 1. */
  limit: number;
  after?: string;
}

/** AWS's quotas of an account in a region. Sizes in bytes. */
export interface AccountLimits {
  totalCodeSize: number;
  codeSizeUnzipped: number;
  codeSizeZipped: number;
  concurrentExecutions: number;
}

export interface AccountUse {
  /** Sum of the zip sizes of every version of every function and layer. */
  totalCodeSize: number;
  functionCount: number;
}

/** Everything throws ServiceError with AWS's code and message. */
export interface Functions {
  create(scope: Scope, name: string, request: CreateFunctionRequest): Promise<VersionView>;
  get(scope: Scope, name: string, qualifier?: string): Promise<FunctionView>;
  list(scope: Scope, options: ListOptions & { allVersions: boolean }): Promise<Listing>;
  listVersions(scope: Scope, name: string, options: ListOptions): Promise<Listing>;
  updateCode(scope: Scope, name: string, request: UpdateFunctionCodeRequest): Promise<VersionView>;
  updateConfiguration(scope: Scope, name: string, request: UpdateFunctionConfigurationRequest): Promise<VersionView>;
  publish(scope: Scope, name: string, request: PublishRequest): Promise<VersionView>;
  /** Without a qualifier the function and all its versions; with one, that version. */
  remove(scope: Scope, name: string, qualifier?: string): Promise<void>;
  limits(scope: Scope): AccountLimits;
  usage(scope: Scope): AccountUse;
  readonly layers: Layers;
  readonly directory: FunctionDirectory;
  readonly aliases: Aliases;
  readonly mappings: Mappings;
  readonly urls: FunctionUrls;
  readonly concurrency: Concurrency;
  readonly policies: Policies;
  readonly tags: Tags;
  readonly eventInvoke: EventInvokeConfigs;
  readonly recursion: RecursionConfigs;
  readonly runtimeManagement: RuntimeManagementConfigs;
  readonly codeSigning: CodeSigning;
  /** Finishes what a crash interrupted. Call once, before the first request. */
  start(): Promise<void>;
  /** Resolves when no preparation and no clean-up is under way or waiting. */
  settled(): Promise<void>;
  /** Stops background work; what is unfinished is found again by the next start. */
  close(): Promise<void>;
}

export type PublishRequest = Omit<PublishVersionRequest, "FunctionName">;
