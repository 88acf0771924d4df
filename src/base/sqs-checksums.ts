/**
 * The checksums that SQS's clients compare
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html, "Calculating the
 * MD5 message digest for message attributes").
 */
import { createHash } from "node:crypto";

/** Of a message; binary values in Base64. */
interface AttributeValue {
  DataType: string;
  StringValue?: string;
  BinaryValue?: string;
}

const STRING = 1;
const BINARY = 2;

export function md5OfBody(body: string): string {
  return createHash("md5").update(body).digest("hex");
}

/** Undefined where there are no attributes. */
export function md5OfAttributes(attributes: Readonly<Record<string, AttributeValue>> | undefined): string | undefined {
  const names = Object.keys(attributes ?? {}).toSorted();
  if (attributes === undefined || names.length === 0) return undefined;
  const hash = createHash("md5");
  const add = (bytes: Uint8Array): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const value = attributes[name];
    if (value === undefined) continue;
    add(Buffer.from(name));
    add(Buffer.from(value.DataType));
    const binary = value.DataType.startsWith("Binary");
    hash.update(Buffer.from([binary ? BINARY : STRING]));
    add(binary ? Buffer.from(value.BinaryValue ?? "", "base64") : Buffer.from(value.StringValue ?? ""));
  }
  return hash.digest("hex");
}
