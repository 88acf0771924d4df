/** Is a message one that its queue takes. Throws SQS's errors. */
import { ServiceError } from "../../base/errors.ts";
import type { AttributeValue, NewMessage, QueueDocument } from "../contract.ts";
import { numberAttribute, wholeAttributes } from "../attributes.ts";
import { invalidParameter, invalidValue, missingParameter } from "../errors.ts";
import { isFifoName } from "../names.ts";

const MAX_ATTRIBUTES = 10;
/** XML 1.0's characters. */
const foreign = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;
const notForThisQueue = "The request include parameter that is not valid for this queue type.";

export function checkMessage(queue: QueueDocument, message: NewMessage): void {
  if (message.body === "") throw missingParameter("MessageBody");
  if (foreign.test(message.body)) throw invalidContents();
  checkAttributes(message.attributes ?? {});
  for (const [name, value] of Object.entries(message.systemAttributes ?? {})) {
    if (name !== "AWSTraceHeader" || value.DataType !== "String") {
      throw invalidParameter(`Message system attribute name '${name}' is invalid.`);
    }
  }
  const limit = numberAttribute(queue, "MaximumMessageSize");
  if (sizeOf(message) > limit) {
    throw invalidParameter(`One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`);
  }
  checkDelay(message.delaySeconds);
  if (isFifoName(queue.name)) checkFifo(queue, message);
  else if (message.deduplicationId !== undefined) {
    throw invalidValue("MessageDeduplicationId", message.deduplicationId, notForThisQueue);
  }
}

/** Bytes of body and attributes, as SQS counts them. */
export function sizeOf({ body, attributes = {} }: Pick<NewMessage, "body" | "attributes">): number {
  let size = Buffer.byteLength(body);
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(attributes)) {
    size += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue ?? "");
    size += Buffer.byteLength(BinaryValue ?? "", "base64");
  }
  return size;
}

function checkDelay(seconds: number | undefined): void {
  if (seconds !== undefined && !(seconds >= 0 && seconds <= 900)) {
    throw invalidValue("DelaySeconds", seconds, "DelaySeconds must be >= 0 and <= 900.");
  }
}

function checkFifo(queue: QueueDocument, { groupId, deduplicationId, delaySeconds }: NewMessage): void {
  if (groupId === undefined) throw missingParameter("MessageGroupId");
  if (delaySeconds !== undefined && delaySeconds !== 0) {
    throw invalidValue("DelaySeconds", delaySeconds, notForThisQueue);
  }
  if (deduplicationId === undefined && wholeAttributes(queue)["ContentBasedDeduplication"] !== "true") {
    throw invalidParameter(
      "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    );
  }
  for (const [name, id] of [
    ["MessageGroupId", groupId],
    ["MessageDeduplicationId", deduplicationId],
  ] as const) {
    if (id !== undefined && !/^[\x21-\x7e]{1,128}$/.test(id)) {
      throw invalidValue(
        name,
        id,
        `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
      );
    }
  }
}

function checkAttributes(attributes: Readonly<Record<string, AttributeValue>>): void {
  const entries = Object.entries(attributes);
  if (entries.length > MAX_ATTRIBUTES) {
    throw invalidParameter(`Number of message attributes [${entries.length}] exceeds the allowed maximum [10].`);
  }
  for (const [name, value] of entries) {
    if (!/^(?!aws\.|amazon\.)(?!.*\.\.)(?!\.)[A-Za-z0-9_.-]{1,256}(?<!\.)$/i.test(name)) {
      throw invalidParameter(
        `The message attribute name '${name}' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters.`,
      );
    }
    checkAttribute(name, value);
  }
}

function checkAttribute(name: string, { DataType, StringValue, BinaryValue }: AttributeValue): void {
  const type = /^(String|Number|Binary)(?:\..*)?$/.exec(DataType)?.[1];
  if (type === undefined || DataType.length > 256) {
    throw invalidParameter(
      `The type of message (user) attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
    );
  }
  const value = type === "Binary" ? BinaryValue : StringValue;
  if (value === undefined || value === "") {
    throw invalidParameter(
      `Message (user) attribute '${name}' must contain a non-empty value of type '${type === "Number" ? "String" : type}'.`,
    );
  }
  if (type !== "Binary" && foreign.test(value)) throw invalidContents();
  if (type === "Number" && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(value)) {
    throw invalidParameter(`Can't cast the value of message (user) attribute '${name}' to a number.`);
  }
}

function invalidContents(): ServiceError {
  return new ServiceError(
    "InvalidMessageContents",
    "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.",
  );
}
