/**
 * Layers and their versions: what the rest of Kiln may ask of them. A layer belongs to the account and region of its
 * `owner`; the account that asks is said where another one may use it.
 */
import type {
  AddLayerVersionPermissionRequest,
  Architecture,
  PublishLayerVersionRequest,
  Runtime,
} from "@aws-sdk/client-lambda";
import type { StoredArtifact } from "../../artifacts/contract.ts";
import type { Scope } from "../../base/scope.ts";

/** A layer as it is stored: outlives its versions, because AWS never uses a version number twice. */
export interface LayerDocument {
  name: string;
  nextVersion: number;
}

/** Who may get and use a layer version, as the callers of AddLayerVersionPermission said it. */
export interface LayerPolicy {
  /** AWS's RevisionId: changes with every change of the policy. */
  revisionId: string;
  statements: LayerStatement[];
}

export interface LayerStatement {
  id: string;
  action: string;
  /** `*`, an account, or the ARN of an account's root. */
  principal: string;
  /** With the principal `*`: only accounts of this organisation. */
  organization?: string;
}

/** One layer version as it is stored. Only its policy changes. */
export interface LayerVersion {
  name: string;
  /** From 1. */
  version: number;
  code: StoredArtifact;
  description: string;
  license?: string;
  /** Absent where the publisher did not say. */
  runtimes?: Runtime[];
  architectures?: Architecture[];
  /** ms since the epoch. */
  createdAt: number;
  policy?: LayerPolicy;
}

/** A layer version that a function uses. It goes on being used when the layer version is deleted. */
export interface UsedLayer {
  /** Of the layer version. */
  arn: string;
  code: StoredArtifact;
}

export interface LayerQuery {
  /** Only versions that say they are compatible with it. */
  runtime?: Runtime;
  architecture?: Architecture;
  /** Items of a page; at least 1. */
  limit: number;
  after?: string;
}

export interface LayerListing {
  items: LayerVersion[];
  /** Opaque; pass as `after` to go on. Absent on the last page. */
  next?: string;
}

/** Everything throws ServiceError with AWS's code and message. */
export interface Layers {
  publish(owner: Scope, name: string, request: PublishRequest): Promise<LayerVersion>;
  /** For `account`, which is the owner's, or one that the policy allows. */
  get(account: string, owner: Scope, name: string, version: number): Promise<LayerVersion>;
  /** The newest version of each layer that fits, in the order of names. */
  list(owner: Scope, query: LayerQuery): Promise<LayerListing>;
  /** The versions of a layer that fit, the newest first; none for a layer that does not exist. */
  listVersions(owner: Scope, name: string, query: LayerQuery): Promise<LayerListing>;
  /** Removing what is not there is no error. */
  remove(owner: Scope, name: string, version: number): Promise<void>;
  addPermission(owner: Scope, name: string, version: number, request: PermissionRequest): Promise<LayerPolicy>;
  removePermission(owner: Scope, name: string, version: number, request: PermissionRemoval): Promise<void>;
  policy(owner: Scope, name: string, version: number): Promise<LayerPolicy>;
}

export type PublishRequest = Omit<PublishLayerVersionRequest, "LayerName">;
export type PermissionRequest = Omit<AddLayerVersionPermissionRequest, "LayerName" | "VersionNumber">;

export interface PermissionRemoval {
  StatementId: string;
  RevisionId?: string | undefined;
}
