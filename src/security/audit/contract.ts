/** What a call leaves behind, in CloudTrail's form, and what may be asked of it. */
import type { CallAudit } from "../../wire/contract.ts";

export type JsonObject = { [name: string]: unknown };

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html */
export interface AuditRecord {
  readonly eventVersion: string;
  readonly userIdentity: JsonObject;
  /** `2026-11-23T16:36:18Z` */
  readonly eventTime: string;
  readonly eventSource: string;
  readonly eventName: string;
  readonly awsRegion: string;
  readonly sourceIPAddress: string;
  readonly userAgent?: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly requestParameters: JsonObject | null;
  readonly responseElements: JsonObject | null;
  readonly additionalEventData?: JsonObject;
  readonly requestID: string;
  readonly eventID: string;
  readonly readOnly: boolean;
  readonly resources?: readonly JsonObject[];
  readonly eventType: "AwsApiCall" | "AwsServiceEvent";
  readonly managementEvent: boolean;
  readonly recipientAccountId: string;
  readonly eventCategory: "Management" | "Data";
  readonly tlsDetails?: JsonObject;
}

/** A record with its place in the log: numbers go up by one from 1. */
export interface NumberedRecord {
  readonly sequence: number;
  readonly record: AuditRecord;
  /** The record as it was written. */
  readonly json: string;
}

export interface AuditLog {
  /** The number that the next record gets. */
  next(): number;
  /** Of the oldest record that is kept. */
  oldest(): number;
  /** From the newest that is before `before` to the oldest. `may`: a first look at the JSON, which spares parsing it. */
  backwards(before: number, may?: (json: string) => boolean): AsyncIterable<NumberedRecord>;
  /** In the order of writing, from `from` on; ends with what is durable now. */
  forwards(from: number): AsyncIterable<NumberedRecord>;
}

/** What the wire tells of its calls, and what is kept of them. */
export interface Audit {
  readonly calls: CallAudit;
  readonly log: AuditLog;
  /** Everything that was told is on disk. */
  close(): Promise<void>;
}
