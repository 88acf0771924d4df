/** Resource policies of functions, versions and aliases: what the rest of Kiln may ask of them. */
import type { AddPermissionRequest } from "@aws-sdk/client-lambda";
import type { Scope } from "../../base/scope.ts";

/** Whose policy: a function, or one version or alias of it. */
export interface PolicyOwner {
  scope: Scope;
  name: string;
  /** Absent for the function itself, whose policy is also that of `$LATEST`. */
  qualifier?: string;
}

export type Permission = Omit<AddPermissionRequest, "FunctionName" | "Qualifier">;

/** One policy as it is stored. */
export interface PolicyDocument {
  /** JSON of the IAM policy, as callers get it. */
  text: string;
}

export interface PolicyView {
  /** JSON of the IAM policy. */
  policy: string;
  /** AWS shows the revision of the function, version or alias: it changes with every change of its policy. */
  revisionId: string;
}

/** Everything throws ServiceError with AWS's code and message. */
export interface Policies {
  /** `AddPermission`. Answers with the JSON of the new statement. */
  add(owner: PolicyOwner, permission: Permission): Promise<string>;
  /** `RemovePermission`. The policy goes with its last statement. */
  remove(owner: PolicyOwner, statementId: string, revisionId?: string): Promise<void>;
  /** `GetPolicy` and `GetResourcePolicy` */
  get(owner: PolicyOwner): Promise<PolicyView>;
  /** JSON of the policy of a function, a version or an alias by its ARN; undefined when there is none. */
  textOf(functionArn: string): string | undefined | Promise<string | undefined>;
  /** `PutResourcePolicy`: takes the place of what was there. */
  put(owner: PolicyOwner, policy: string, revisionId?: string): Promise<PolicyView>;
  /** `DeleteResourcePolicy` */
  delete(owner: PolicyOwner, revisionId?: string): Promise<void>;
}
