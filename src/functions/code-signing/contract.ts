/**
 * Code signing configurations: what the rest of Kiln may ask of them. Kiln checks no signatures, because those that AWS
 * Signer makes can be checked by AWS only: so no code can be trusted, a configuration that enforces trust refuses all of
 * it, and one that warns lets it pass.
 */
import type {
  CodeSigningPolicy,
  CreateCodeSigningConfigRequest,
  UpdateCodeSigningConfigRequest,
} from "@aws-sdk/client-lambda";
import type { Scope } from "../../base/scope.ts";
import type { ListOptions } from "../contract.ts";

/** One configuration as it is stored. */
export interface CodeSigningConfigDocument {
  /** `csc-` and 17 characters. */
  id: string;
  description?: string;
  /** ARNs of versions of signing profiles. */
  allowedPublishers: string[];
  /** What happens to code that is not signed by any of them. */
  policy: CodeSigningPolicy;
  /** ms since the epoch. */
  lastModified: number;
  tags: Record<string, string>;
}

export interface CodeSigningListing<Item> {
  items: Item[];
  /** Pass as `after` to go on. Absent on the last page. */
  next?: string;
}

export type CodeSigningChange = Omit<UpdateCodeSigningConfigRequest, "CodeSigningConfigArn">;

/** Configurations are named by their ARNs. Everything throws ServiceError with AWS's code and message. */
export interface CodeSigning {
  create(scope: Scope, request: CreateCodeSigningConfigRequest): Promise<CodeSigningConfigDocument>;
  get(scope: Scope, arn: string): Promise<CodeSigningConfigDocument>;
  /** Members that are absent stay as they are. */
  update(scope: Scope, arn: string, change: CodeSigningChange): Promise<CodeSigningConfigDocument>;
  /** Refused while a function uses it. */
  remove(scope: Scope, arn: string): Promise<void>;
  list(scope: Scope, options: ListOptions): Promise<CodeSigningListing<CodeSigningConfigDocument>>;
  /** Names of the functions that use it. */
  functions(scope: Scope, arn: string, options: ListOptions): Promise<CodeSigningListing<string>>;
  attach(scope: Scope, functionName: string, arn: string): Promise<void>;
  /** No error where nothing is attached. */
  detach(scope: Scope, functionName: string): Promise<void>;
  /** ARN of the configuration of a function. */
  attached(scope: Scope, functionName: string): Promise<string | undefined>;
}
