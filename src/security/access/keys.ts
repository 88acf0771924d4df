/** Condition keys that every request has. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
import type { ConditionKeys } from "../policy/index.ts";

export interface RequestFacts {
  readonly sourceIp: string;
  readonly userAgent: string | undefined;
  readonly region: string;
  /** True over TLS. */
  readonly secure: boolean;
  /** ms since the epoch. */
  readonly receivedAt: number;
}

export function requestKeys({ sourceIp, userAgent, region, receivedAt, secure }: RequestFacts): ConditionKeys {
  return (name) => {
    switch (name) {
      case "aws:sourceip":
        return [sourceIp];
      case "aws:currenttime":
        return [new Date(receivedAt).toISOString().replace(/\.\d{3}Z$/, "Z")];
      case "aws:epochtime":
        return [String(Math.floor(receivedAt / 1000))];
      case "aws:requestedregion":
        return [region];
      case "aws:useragent":
        return userAgent === undefined ? undefined : [userAgent];
      case "aws:securetransport":
        return [String(secure)];
      default:
        return undefined;
    }
  };
}

/** The first that knows a key has it. */
export function firstOf(...all: readonly (ConditionKeys | undefined)[]): ConditionKeys {
  return (name) => {
    for (const keys of all) {
      const values = keys?.(name);
      if (values !== undefined) return values;
    }
    return undefined;
  };
}

/** From a record of values by names in lower case. */
export function keysOf(values: Readonly<Record<string, string | readonly string[] | undefined>>): ConditionKeys {
  return (name) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return typeof value === "string" ? [value] : value;
  };
}
