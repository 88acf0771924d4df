/** Log groups are named by name or by ARN; ARNs of groups and streams. */
import type { Scope } from "../../base/scope.ts";
import { invalidParameter, noSuchGroup } from "./errors.ts";

const GROUP_ARN = /^arn:[\w-]+:logs:([a-z0-9-]+):(\d{12}):log-group:([^:*]+)$/;

export interface GroupInput {
  logGroupName?: string | undefined;
  /** A name, or an ARN without the trailing `:*`. */
  logGroupIdentifier?: string | undefined;
}

/** The group that the input names: exactly one of the two members. */
export function groupNameOf({ logGroupName, logGroupIdentifier }: GroupInput, scope: Scope): string {
  if (logGroupName !== undefined && logGroupIdentifier !== undefined) {
    throw invalidParameter("LogGroup name and LogGroup ARN are mutually exclusive parameters.");
  }
  if (logGroupName !== undefined) return logGroupName;
  if (logGroupIdentifier === undefined) {
    throw invalidParameter("Either LogGroup name or LogGroup ARN must be specified.");
  }
  if (!logGroupIdentifier.startsWith("arn:")) return logGroupIdentifier;
  const [, region, account, name] = GROUP_ARN.exec(logGroupIdentifier) ?? [];
  if (name === undefined) throw invalidParameter("The specified log group ARN is invalid.");
  // Another account's group is not told apart from one that does not exist.
  if (region !== scope.region || account !== scope.account) throw noSuchGroup();
  return name;
}

export function groupArn({ region, account }: Scope, group: string): string {
  return `arn:aws:logs:${region}:${account}:log-group:${group}`;
}

export function streamArn(scope: Scope, group: string, stream: string): string {
  return `${groupArn(scope, group)}:log-stream:${stream}`;
}
