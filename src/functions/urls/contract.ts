/** Function URLs: what they are, and what the rest of Kiln may ask of them. */
import type {
  Cors,
  CreateFunctionUrlConfigRequest,
  FunctionUrlAuthType,
  InvokeMode,
  UpdateFunctionUrlConfigRequest,
} from "@aws-sdk/client-lambda";
import type { Scope } from "../../base/scope.ts";
import type { ListOptions } from "../contract.ts";

/** One function URL as it is stored. */
export interface FunctionUrl {
  /** First label of its host name; never used again after its URL was removed. */
  id: string;
  name: string;
  /** The alias that it calls; absent for $LATEST. */
  qualifier?: string;
  authType: FunctionUrlAuthType;
  cors?: Cors;
  /** Absent when nobody has chosen: AWS then leaves it out of the answers to changes, and shows BUFFERED elsewhere. */
  invokeMode?: InvokeMode;
  /** ms since the epoch. */
  createdAt: number;
  modifiedAt: number;
}

/** A URL with the account and region that it belongs to: what serving it needs. */
export interface LocatedUrl {
  scope: Scope;
  url: FunctionUrl;
}

export interface UrlListing {
  items: FunctionUrl[];
  /** Opaque; pass as `after` to go on. Absent on the last page. */
  next?: string;
}

/** Everything throws ServiceError with AWS's code and message. A qualifier is the name of an alias. */
export interface FunctionUrls {
  create(scope: Scope, name: string, qualifier: string | undefined, request: UrlCreation): Promise<FunctionUrl>;
  get(scope: Scope, name: string, qualifier: string | undefined): Promise<FunctionUrl>;
  update(scope: Scope, name: string, qualifier: string | undefined, request: UrlChange): Promise<FunctionUrl>;
  remove(scope: Scope, name: string, qualifier: string | undefined): Promise<void>;
  list(scope: Scope, name: string, options: ListOptions): Promise<UrlListing>;
  /** The URL of this id, from memory where it was asked for before; undefined when there is none. */
  find(id: string): Promise<LocatedUrl | undefined>;
  /** Stops watching for changes. */
  close(): void;
}

export type UrlCreation = Omit<CreateFunctionUrlConfigRequest, "FunctionName" | "Qualifier">;
export type UrlChange = Omit<UpdateFunctionUrlConfigRequest, "FunctionName" | "Qualifier">;
