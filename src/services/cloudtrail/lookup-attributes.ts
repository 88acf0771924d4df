/** What LookupEvents can look for. */
import type { LookupAttribute } from "@aws-sdk/client-cloudtrail";
import type { AuditRecord } from "../../security/contract.ts";
import { invalid } from "./errors.ts";

export interface Matcher {
  /** A look at the text alone: false for what cannot match. */
  may(json: string): boolean;
  is(record: AuditRecord): boolean;
}

const everything: Matcher = { may: () => true, is: () => true };

/** CloudTrail takes one attribute at most. Throws ServiceError InvalidLookupAttributesException. */
export function matcherOf([first, ...rest]: readonly LookupAttribute[]): Matcher {
  if (rest.length > 0) {
    throw invalid("InvalidLookupAttributesException", "You can only specify one lookup attribute.");
  }
  if (first === undefined) return everything;
  const { AttributeKey: key = "", AttributeValue: value = "" } = first;
  const of = Object.hasOwn(values, key) ? values[key] : undefined;
  if (of === undefined) {
    throw invalid("InvalidLookupAttributesException", `There is no lookup attribute ${key}.`);
  }
  const written = JSON.stringify(value).slice(1, -1);
  return {
    // "root" stands for what a record says in another way.
    may: (json) => key === "Username" || json.includes(written),
    is: (record) => of(record).includes(value),
  };
}

const values: Readonly<Record<string, (record: AuditRecord) => readonly unknown[]>> = {
  EventId: ({ eventID }) => [eventID],
  EventName: ({ eventName }) => [eventName],
  EventSource: ({ eventSource }) => [eventSource],
  ReadOnly: ({ readOnly }) => [String(readOnly)],
  Username: (record) => [userNameOf(record)],
  AccessKeyId: ({ userIdentity }) => [userIdentity["accessKeyId"]],
  ResourceType: ({ resources = [] }) => resources.map(({ type }) => type),
  // By its ARN or by the name at its end.
  ResourceName: ({ resources = [] }) => resources.flatMap(({ ARN }) => [ARN, String(ARN).split(/[:/]/).at(-1)]),
};

/** A user's name, or that of a session. */
export function userNameOf({ userIdentity: { type, userName, arn } }: AuditRecord): string | undefined {
  if (typeof userName === "string") return userName;
  if (type === "Root") return "root";
  return typeof arn === "string" ? arn.slice(arn.lastIndexOf("/") + 1) : undefined;
}
