/** A call as CloudTrail writes it down. */
import { randomUUID } from "node:crypto";
import type { AuditedCall } from "../../wire/contract.ts";
import type { AuditRecord, JsonObject } from "./contract.ts";
import { eventKind, type EventKind } from "./operations.ts";
import { withoutSecrets } from "./redact.ts";
import { resourcesOf } from "./resources.ts";
import { userIdentity } from "./who.ts";

/** CloudTrail's limits of texts. */
const MAX_TEXT = 1024;

export interface Defaults {
  readonly account: string;
  readonly region: string;
}

export function recordOf(call: AuditedCall, kind: EventKind, defaults: Defaults, more?: JsonObject): AuditRecord {
  const { caller, error, tls } = call;
  const requestParameters = withoutSecrets(call.service, call.parameters());
  // What a read answers is not kept; what it hands out is.
  const elements = error === undefined && (!kind.readOnly || call.service === "sts") && !kind.data;
  const responseElements = elements ? withoutSecrets(call.service, call.elements()) : null;
  const account = accountOf(call, defaults);
  const region = caller?.region ?? call.claimed?.region ?? "";
  return {
    eventVersion: "1.11",
    userIdentity: whoOf(call),
    eventTime: timeText(call.receivedAt),
    eventSource: kind.eventSource,
    eventName: kind.eventName,
    awsRegion: region === "" ? defaults.region : region,
    sourceIPAddress: call.sourceIp,
    ...(call.userAgent === undefined ? {} : { userAgent: short(call.userAgent) }),
    ...(error === undefined ? {} : { errorCode: errorCode(error.code), errorMessage: short(error.message) }),
    requestParameters,
    responseElements,
    ...(more === undefined ? {} : { additionalEventData: more }),
    requestID: call.requestId,
    eventID: randomUUID(),
    readOnly: kind.readOnly,
    ...resourcesOf(call.service, requestParameters, account, region === "" ? defaults.region : region),
    eventType: "AwsApiCall",
    managementEvent: !kind.data,
    recipientAccountId: account,
    eventCategory: kind.data ? "Data" : "Management",
    ...(tls === undefined ? {} : { tlsDetails: tlsDetails(tls, call.host) }),
  };
}

/** What Kiln itself has to say. */
export function serviceRecord(eventName: string, more: JsonObject, now: number, defaults: Defaults): AuditRecord {
  return {
    eventVersion: "1.11",
    userIdentity: { type: "AWSService", invokedBy: "cloudtrail.amazonaws.com" },
    eventTime: timeText(now),
    eventSource: "cloudtrail.amazonaws.com",
    eventName,
    awsRegion: defaults.region,
    sourceIPAddress: "cloudtrail.amazonaws.com",
    requestParameters: null,
    responseElements: null,
    additionalEventData: more,
    requestID: randomUUID(),
    eventID: randomUUID(),
    readOnly: false,
    eventType: "AwsServiceEvent",
    managementEvent: true,
    recipientAccountId: defaults.account,
    eventCategory: "Management",
  };
}

export function eventKindOf({ service, operation, error }: AuditedCall): EventKind {
  if (operation !== undefined && operation !== "") return eventKind(service, operation);
  const eventName = error?.code ?? "Unknown";
  return {
    eventSource: `${service === "" ? "unknown" : service}.amazonaws.com`,
    eventName,
    data: false,
    readOnly: true,
  };
}

/** The same for all records of a second. */
let lastTime = { second: Number.NaN, text: "" };

/** To the second, as CloudTrail writes times. */
export function timeText(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== lastTime.second) {
    lastTime = { second, text: new Date(second * 1000).toISOString().replace(".000Z", "Z") };
  }
  return lastTime.text;
}

function whoOf({ caller, claimed }: AuditedCall): JsonObject {
  const identity = userIdentity(caller);
  return caller === undefined && claimed !== undefined ? { ...identity, accessKeyId: claimed.accessKeyId } : identity;
}

function accountOf({ caller }: AuditedCall, defaults: Defaults): string {
  return caller === undefined || caller.account === "" ? defaults.account : caller.account;
}

/** CloudTrail has one name for what the services call differently. */
function errorCode(code: string): string {
  return code === "AccessDeniedException" ? "AccessDenied" : code.slice(0, 128);
}

function tlsDetails({ version, cipher }: NonNullable<AuditedCall["tls"]>, host: string | undefined): JsonObject {
  const named = host === undefined ? {} : { clientProvidedHostHeader: short(host) };
  return { tlsVersion: version, cipherSuite: cipher, ...named };
}

function short(text: string): string {
  return text.length <= MAX_TEXT ? text : text.slice(0, MAX_TEXT);
}
