/**
 * Attributes of queues: which there are, what they may be, and what they are when nobody has set them
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html).
 */
import { ServiceError } from "../base/errors.ts";
import type { QueueDocument } from "./contract.ts";
import { invalidAttribute } from "./errors.ts";
import { isFifoName, parseQueueArn } from "./names.ts";

type Check = (value: string) => boolean;

/** Characters */
export const MAX_POLICY = 8192;

const wholeNumber =
  (least: number, most: number): Check =>
  (value) =>
    /^\d{1,9}$/.test(value) && Number(value) >= least && Number(value) <= most;
const truth: Check = (value) => value === "true" || value === "false";
const oneOf =
  (...values: string[]): Check =>
  (value) =>
    values.includes(value);

const checks: Readonly<Record<string, Check>> = {
  DelaySeconds: wholeNumber(0, 900),
  MaximumMessageSize: wholeNumber(1024, 1_048_576),
  MessageRetentionPeriod: wholeNumber(60, 1_209_600),
  ReceiveMessageWaitTimeSeconds: wholeNumber(0, 20),
  VisibilityTimeout: wholeNumber(0, 43_200),
  KmsDataKeyReusePeriodSeconds: wholeNumber(60, 86_400),
  KmsMasterKeyId: (value) => value.length <= 2048,
  SqsManagedSseEnabled: truth,
  FifoQueue: oneOf("true"),
  ContentBasedDeduplication: truth,
  DeduplicationScope: oneOf("queue", "messageGroup"),
  FifoThroughputLimit: oneOf("perQueue", "perMessageGroupId"),
  Policy: (value) => value.length <= MAX_POLICY && isObject(value),
  RedrivePolicy: (value) => redrivePolicyOf(value) !== undefined,
  RedriveAllowPolicy: (value) => redriveAllowPolicyOf(value) !== undefined,
};
const fifoOnly = new Set(["FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"]);
/** An empty value takes these away. */
const removable = new Set(["Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId"]);

const defaults: Readonly<Record<string, string>> = {
  DelaySeconds: "0",
  MaximumMessageSize: "1048576",
  MessageRetentionPeriod: "345600",
  ReceiveMessageWaitTimeSeconds: "0",
  VisibilityTimeout: "30",
  SqsManagedSseEnabled: "true",
};
const fifoDefaults: Readonly<Record<string, string>> = {
  FifoQueue: "true",
  ContentBasedDeduplication: "false",
  DeduplicationScope: "queue",
  FifoThroughputLimit: "perQueue",
};

export interface RedrivePolicy {
  deadLetterTargetArn: string;
  maxReceiveCount: number;
}

export interface RedriveAllowPolicy {
  redrivePermission: "allowAll" | "denyAll" | "byQueue";
  sourceQueueArns?: string[];
}

function parsed(value: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(value);
    return typeof json === "object" && json !== null && !Array.isArray(json)
      ? (json as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: string): boolean {
  return parsed(value) !== undefined;
}

/** Undefined when the text is none. */
export function redrivePolicyOf(value: string): RedrivePolicy | undefined {
  const { deadLetterTargetArn, maxReceiveCount } = parsed(value) ?? {};
  const count = Number(maxReceiveCount);
  if (typeof deadLetterTargetArn !== "string" || parseQueueArn(deadLetterTargetArn) === undefined) return undefined;
  if (!Number.isInteger(count) || count < 1 || count > 1000) return undefined;
  return { deadLetterTargetArn, maxReceiveCount: count };
}

export function redriveAllowPolicyOf(value: string): RedriveAllowPolicy | undefined {
  const { redrivePermission: permission, sourceQueueArns } = parsed(value) ?? {};
  if (permission === "allowAll" || permission === "denyAll") {
    return sourceQueueArns === undefined ? { redrivePermission: permission } : undefined;
  }
  if (permission !== "byQueue" || !Array.isArray(sourceQueueArns) || sourceQueueArns.length > 10) return undefined;
  if (!sourceQueueArns.every((arn) => typeof arn === "string" && parseQueueArn(arn) !== undefined)) return undefined;
  return { redrivePermission: permission, sourceQueueArns: sourceQueueArns as string[] };
}

/** The attributes after a change; throws InvalidAttributeName and InvalidAttributeValue. */
export function changedAttributes(
  name: string,
  before: Record<string, string>,
  change: Record<string, string>,
): Record<string, string> {
  const after = { ...before };
  for (const [attribute, value] of Object.entries(change)) {
    const check = Object.hasOwn(checks, attribute) ? checks[attribute] : undefined;
    if (check === undefined) throw new ServiceError("InvalidAttributeName", `Unknown Attribute ${attribute}.`);
    if (fifoOnly.has(attribute) && !isFifoName(name)) {
      throw new ServiceError("InvalidAttributeName", `Unknown Attribute ${attribute}.`);
    }
    if (value === "" && removable.has(attribute)) delete after[attribute];
    else if (check(value)) after[attribute] = value;
    else throw invalidAttribute(attribute);
  }
  return after;
}

/** With AWS's defaults. */
export function wholeAttributes({
  name,
  attributes,
}: Pick<QueueDocument, "name" | "attributes">): Record<string, string> {
  return { ...defaults, ...(isFifoName(name) ? fifoDefaults : {}), ...attributes };
}

export function numberAttribute(queue: Pick<QueueDocument, "name" | "attributes">, attribute: string): number {
  return Number(wholeAttributes(queue)[attribute]);
}
