/** Aliases of functions, and what a qualifier means: what the rest of Kiln may ask of them. */
import type { CreateAliasRequest, UpdateAliasRequest } from "@aws-sdk/client-lambda";
import type { Scope } from "../../base/scope.ts";
import type { FunctionDocument, FunctionVersion, ListOptions } from "../contract.ts";

/** One alias as it is stored. The versions that it names exist as long as it does. */
export interface AliasDocument {
  name: string;
  /** `$LATEST`, or a number; then a second version may get a part of the calls. */
  functionVersion: string;
  description: string;
  /** Changes with every update. */
  revisionId: string;
  routing?: Routing;
}

/** The second version of an alias. */
export interface Routing {
  version: string;
  /** Part of the calls that it gets, 0 to 1. */
  weight: number;
}

/** What a qualifier means. */
export interface Qualified {
  kind: "latest" | "version" | "alias";
  /** The function as it was read with this; its tags, its concurrency. */
  document: FunctionDocument;
  /** What the qualifier names: $LATEST, the published version, or the first version of the alias. */
  version: FunctionVersion;
  /** Present when the qualifier is an alias. */
  alias?: AliasDocument;
  /** The second version of an alias that has one. */
  second?: FunctionVersion;
}

export interface AliasListing {
  items: AliasDocument[];
  /** Name of the last alias of this page; pass as `after` to go on. Absent on the last page. */
  next?: string;
}

export type AliasCreation = Omit<CreateAliasRequest, "FunctionName">;
export type AliasChange = Omit<UpdateAliasRequest, "FunctionName">;

/** Everything but `find` and `remove` throws ServiceError with AWS's code and message for what is not there. */
export interface Aliases {
  /**
   * Does this qualifier of a function exist, and what is it? Without a qualifier: $LATEST. Undefined when there is no such
   * function, version or alias; the caller knows AWS's words for that in its operation.
   */
  find(scope: Scope, functionName: string, qualifier?: string): Promise<Qualified | undefined>;
  create(scope: Scope, functionName: string, request: AliasCreation): Promise<AliasDocument>;
  get(scope: Scope, functionName: string, alias: string): Promise<AliasDocument>;
  update(scope: Scope, functionName: string, request: AliasChange): Promise<AliasDocument>;
  /** With what belongs to the alias. Removing what is not there is no error. */
  remove(scope: Scope, functionName: string, alias: string): Promise<void>;
  /** In the order of names; with `version` only the aliases whose first version it is. */
  list(scope: Scope, functionName: string, options: ListOptions & { version?: string }): Promise<AliasListing>;
}
