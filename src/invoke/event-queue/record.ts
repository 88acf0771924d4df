/**
 * What destinations and dead-letter queues get
 * (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html, "Invocation record" and "Dead-letter
 * queues").
 */
import type { Delivery, EventSettings, InvokeAnswer } from "../contract.ts";
import type { QueuedEvent } from "./event.ts";

/** Why no more calls of an event are made. */
export type Condition =
  | "Success"
  | "RetriesExhausted"
  | "EventAgeExceeded"
  | "ZeroReservedConcurrency"
  | "RecursiveInvocation";

export interface Ending {
  condition: Condition;
  /** Calls of it that reached the function. */
  invokeCount: number;
  /** Of the last of them. */
  answer?: InvokeAnswer | undefined;
}

/** AWS's dead-letter messages hold the first KB of the error message. */
const MAX_ERROR_MESSAGE = 1024;

/** Everything that is to be delivered at the end of an event. */
export function deliveriesOf(event: QueuedEvent, settings: EventSettings, ending: Ending, now: number): Delivery[] {
  const common = {
    scope: event.scope,
    source: settings.functionArn,
    requestId: event.requestId,
    traceId: ending.answer?.traceId ?? event.traceId,
  };
  const succeeded = ending.condition === "Success";
  const destination = succeeded ? settings.onSuccess : settings.onFailure;
  const deliveries: Delivery[] = [];
  if (destination !== undefined) {
    const folder = `aws/lambda/async/${event.functionName}`;
    const body = invocationRecord(event, settings, ending, now);
    deliveries.push({ ...common, target: destination, body, succeeded, folder });
  }
  if (!succeeded && settings.deadLetter !== undefined) {
    deliveries.push({
      ...common,
      target: settings.deadLetter,
      body: text(event.payload),
      attributes: deadLetterAttributes(event, ending),
    });
  }
  return deliveries;
}

function invocationRecord(event: QueuedEvent, settings: EventSettings, ending: Ending, now: number): string {
  const { answer } = ending;
  const members = [
    `"version":"1.0"`,
    `"timestamp":${JSON.stringify(new Date(now).toISOString())}`,
    `"requestContext":${JSON.stringify({
      requestId: event.requestId,
      functionArn: settings.functionArn,
      condition: ending.condition,
      approximateInvokeCount: ending.invokeCount,
    })}`,
    `"requestPayload":${jsonText(event.payload)}`,
  ];
  if (answer !== undefined) {
    const { executedVersion, functionError } = answer;
    members.push(
      `"responseContext":${JSON.stringify({ statusCode: 200, executedVersion, functionError })}`,
      `"responsePayload":${jsonText(answer.payload)}`,
    );
  }
  return `{${members.join(",")}}`;
}

/** JSON as it came, so that a payload of megabytes is not taken apart and put together again; other text as a string. */
function jsonText(payload: Uint8Array): string {
  const value = text(payload);
  try {
    JSON.parse(value);
    return value;
  } catch {
    return JSON.stringify(value);
  }
}

function deadLetterAttributes(event: QueuedEvent, ending: Ending): NonNullable<Delivery["attributes"]> {
  const { code, message } = errorOf(ending);
  return {
    RequestID: { type: "String", value: event.requestId },
    ErrorCode: { type: "Number", value: String(code) },
    ...(message === "" ? {} : { ErrorMessage: { type: "String", value: message.slice(0, MAX_ERROR_MESSAGE) } }),
  };
}

function errorOf({ condition, answer }: Ending): { code: number; message: string } {
  if (condition === "ZeroReservedConcurrency") {
    return {
      code: 429,
      message: "Function not invoked. Function is configured with zero reserved concurrent executions",
    };
  }
  if (condition === "RecursiveInvocation") return { code: 400, message: "Recursive invocation detected." };
  if (answer === undefined) return { code: 429, message: "Rate Exceeded." };
  try {
    const { errorMessage } = JSON.parse(text(answer.payload)) as { errorMessage?: unknown };
    return { code: 200, message: typeof errorMessage === "string" ? errorMessage : "" };
  } catch {
    return { code: 200, message: text(answer.payload) };
  }
}

function text(payload: Uint8Array): string {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString("utf8");
}
