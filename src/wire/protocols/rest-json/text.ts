/** Values that travel as text: labels, query parameters and headers, by the schema of their member. */
import { dateToUtcString } from "@smithy/core/serde";
import { timestampOf } from "../../json/reader.ts";
import { unreadable } from "../../json/parse.ts";
import type { Shape } from "../../schema/operation.ts";

export type TextReader = (text: string) => unknown;
export type TextWriter = (value: unknown) => string;

const dateTime = 5;
const httpDate = 6;

/** Timestamps are HTTP dates in headers, and RFC 3339 in labels and queries, unless the shape says otherwise. */
export function textReader(shape: Shape, place: "header" | "query" | "label"): TextReader {
  if (shape.isNumericSchema()) return readNumber;
  if (shape.isBooleanSchema()) return readBoolean;
  if (shape.isTimestampSchema()) {
    const read = timestampOf(shape, place === "header" ? httpDate : dateTime);
    return (text) => read(/^\d+(\.\d+)?$/.test(text) ? Number(text) : text);
  }
  if (shape.isListSchema()) {
    const read = textReader(shape.getValueSchema(), place);
    return (text) => text.split(",").map((part) => read(part.trim()));
  }
  return (text) => text;
}

export function textWriter(shape: Shape): TextWriter {
  if (shape.isTimestampSchema()) {
    const kind = shape.getSchema();
    return (value) => {
      if (!(value instanceof Date)) throw new TypeError("a timestamp in a header is not a Date");
      if (kind === dateTime) return value.toISOString();
      return kind === 7 ? String(value.getTime() / 1000) : dateToUtcString(value);
    };
  }
  if (shape.isListSchema()) {
    const write = textWriter(shape.getValueSchema());
    return (value) => (value as unknown[]).map(write).join(", ");
  }
  return String;
}

const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

function readNumber(text: string): number {
  if (!decimal.test(text)) throw unreadable("STRING_VALUE can not be converted to a Number");
  return Number(text);
}

function readBoolean(text: string): boolean {
  const lower = text.toLowerCase();
  if (lower === "true") return true;
  if (lower === "false") return false;
  throw unreadable("STRING_VALUE can not be converted to a Boolean");
}
