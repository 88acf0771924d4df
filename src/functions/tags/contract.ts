/**
 * Tags of whatever can have them. Tags are a member of the resource's own document, so they are made and removed with it,
 * and a change of tags can never meet a resource that is gone.
 */
import type { Scope } from "../../base/scope.ts";

export type TaggableKind = "function" | "code-signing-config" | "event-source-mapping";

export interface TaggedResource {
  scope: Scope;
  kind: TaggableKind;
  /** What the ARN ends with: a function's name, `csc-…`, a UUID. */
  id: string;
}

/** A document of a resource that can have tags. */
export interface TaggedDocument {
  tags: Record<string, string>;
}

/** Everything throws ServiceError with AWS's code and message. */
export interface Tags {
  list(resource: TaggedResource): Promise<Record<string, string>>;
  /** By the ARN of the resource, or of a version or an alias of it; undefined for what is not there or has no tags. */
  ofArn(arn: string): Promise<Record<string, string> | undefined>;
  /** Adds tags, and changes those whose keys are there already. */
  add(resource: TaggedResource, tags: Record<string, string>): Promise<void>;
  /** Keys that no tag has are no error. */
  remove(resource: TaggedResource, keys: readonly string[]): Promise<void>;
}
