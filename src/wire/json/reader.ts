/**
 * Parsed JSON → typed input, by schema. Compiled once per shape. Stricter than the SDK's deserializer, which believes the
 * service it talks to: a value of the wrong kind is answered as AWS does, with a SerializationException. Members that the
 * shape does not have are ignored; null is the same as absent.
 */
import {
  parseEpochTimestamp,
  parseRfc3339DateTimeWithOffset,
  parseRfc7231DateTime,
  NumericValue,
} from "@smithy/core/serde";
import type { Shape } from "../schema/operation.ts";
import { unreadable } from "./parse.ts";

export type Reader = (value: unknown) => unknown;

/** One set of readers; recursive shapes find themselves in it. */
export function createReaders(useJsonName: boolean): (shape: Shape) => Reader {
  const structures = new Map<unknown, Reader>();

  function readerOf(shape: Shape): Reader {
    if (shape.isStructSchema()) return structureOf(shape);
    if (shape.isListSchema()) return listOf(readerOf(shape.getValueSchema()));
    if (shape.isMapSchema()) return mapOf(readerOf(shape.getValueSchema()));
    return scalarOf(shape);
  }

  function structureOf(shape: Shape): Reader {
    const key = shape.getSchema();
    const known = structures.get(key);
    if (known !== undefined) return known;
    let members: [wireName: string, name: string, read: Reader][] | undefined;
    const compile = () =>
      [...shape.structIterator()].map(([name, member]): [string, string, Reader] => [
        useJsonName ? (member.getMergedTraits().jsonName ?? name) : name,
        name,
        readerOf(member),
      ]);
    const union = shape.isUnionSchema();
    const read: Reader = (value) => {
      const record = objectOf(value);
      members ??= compile();
      const result: Record<string, unknown> = {};
      let found = 0;
      for (const [wireName, name, readMember] of members) {
        const member = Object.hasOwn(record, wireName) ? record[wireName] : undefined;
        if (member === undefined || member === null) continue;
        result[name] = readMember(member);
        found += 1;
      }
      if (union && found !== 1) throw unreadable("Exactly one member of a union must be set");
      return result;
    };
    structures.set(key, read);
    return read;
  }

  return readerOf;
}

function listOf(read: Reader): Reader {
  return (value) => {
    if (!Array.isArray(value)) throw unreadable(isObject(value) ? startOfStructure : "Expected list or null");
    return value.map((element: unknown) => (element === null ? null : read(element)));
  };
}

function mapOf(read: Reader): Reader {
  return (value) => {
    const result: Record<string, unknown> = {};
    for (const [key, element] of Object.entries(objectOf(value))) {
      const entry = element === null ? null : read(element);
      if (key === "__proto__") {
        Object.defineProperty(result, key, { value: entry, enumerable: true, writable: true, configurable: true });
      } else {
        result[key] = entry;
      }
    }
    return result;
  };
}

function scalarOf(shape: Shape): Reader {
  if (shape.isStringSchema()) return (value) => (typeof value === "string" ? value : mismatch(value, "a String"));
  if (shape.isBooleanSchema()) return (value) => (typeof value === "boolean" ? value : mismatch(value, "a Boolean"));
  if (shape.isBlobSchema()) return readBlob;
  if (shape.isTimestampSchema()) return timestampOf(shape);
  if (shape.isBigIntegerSchema()) return readBigInteger;
  if (shape.isBigDecimalSchema()) return readBigDecimal;
  if (shape.isNumericSchema()) return readNumber;
  return (value) => value;
}

const numberNames: Readonly<Record<string, number>> = { NaN, Infinity, "-Infinity": -Infinity };

function readNumber(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "string" && Object.hasOwn(numberNames, value)) return numberNames[value] ?? NaN;
  return mismatch(value, "a Number");
}

function readBigInteger(value: unknown): bigint {
  return typeof value === "number" && Number.isInteger(value) ? BigInt(value) : mismatch(value, "a BigInteger");
}

function readBigDecimal(value: unknown): NumericValue {
  return typeof value === "number" ? new NumericValue(String(value), "bigDecimal") : mismatch(value, "a BigDecimal");
}

/** Strict Base64: Node.js by itself skips what it does not know, which shows in the length of what it decoded. */
export function readBlob(value: unknown): Buffer {
  if (typeof value !== "string") return mismatch(value, "a Blob");
  const padding = value.endsWith("==") ? 2 : value.endsWith("=") ? 1 : 0;
  const bytes = Buffer.from(value, "base64");
  if (value.length % 4 !== 0 || bytes.length !== (value.length / 4) * 3 - padding) {
    throw unreadable("Invalid Base64 in a Blob");
  }
  return bytes;
}

const dateTime = 5;
const httpDate = 6;

/** JSON has seconds since the epoch unless the shape says otherwise. */
export function timestampOf(shape: Shape, fallback = 7): Reader {
  const kind = shape.getSchema();
  const format = kind === 4 ? fallback : kind;
  const parse =
    format === dateTime
      ? parseRfc3339DateTimeWithOffset
      : format === httpDate
        ? parseRfc7231DateTime
        : parseEpochTimestamp;
  return (value) => {
    if (typeof value === "object") return mismatch(value, "a Timestamp");
    try {
      const date = parse(value);
      if (date !== undefined && !Number.isNaN(date.getTime())) return date;
    } catch (error) {
      throw unreadable("Invalid Timestamp", error);
    }
    return mismatch(value, "a Timestamp");
  };
}

const startOfStructure = "Start of structure or map found where not expected.";

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function objectOf(value: unknown): Record<string, unknown> {
  if (isObject(value)) return value;
  throw unreadable(Array.isArray(value) ? "Start of list found where not expected" : "Expected structure or null");
}

function mismatch(value: unknown, wanted: string): never {
  if (Array.isArray(value)) throw unreadable("Start of list found where not expected");
  if (isObject(value)) throw unreadable(startOfStructure);
  const kind =
    typeof value === "boolean" ? (value ? "TRUE" : "FALSE") : typeof value === "string" ? "STRING" : "NUMBER";
  throw unreadable(`${kind}_VALUE can not be converted to ${wanted}`);
}
