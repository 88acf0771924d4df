/**
 * JSON of unknown origin. The text is walked once before it is parsed, so that neither its depth nor its number of
 * values can cost more than the bounds say.
 */
import { isUtf8 } from "node:buffer";
import { ServiceError } from "../../base/errors.ts";

export interface JsonBounds {
  readonly jsonDepth: number;
  readonly jsonValues: number;
}

const quote = 0x22;
const backslash = 0x5c;

/** The parsed value; an empty body is undefined. Throws ServiceError SerializationException. */
export function parseJson(body: Buffer, bounds: JsonBounds): unknown {
  if (body.length === 0) return undefined;
  checkBounds(body, bounds);
  if (!isUtf8(body)) throw unreadable("Invalid UTF-8");
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw unreadable(error instanceof Error ? error.message : "Invalid JSON", error);
  }
}

export function unreadable(message: string, cause?: unknown): ServiceError {
  return new ServiceError("SerializationException", message, cause === undefined ? {} : { cause });
}

function checkBounds(body: Buffer, bounds: JsonBounds): void {
  let depth = 0;
  let values = 1;
  for (let i = 0; i < body.length; i += 1) {
    const byte = body[i] ?? 0;
    switch (byte) {
      case quote:
        i = endOfString(body, i);
        break;
      case 0x7b: // {
      case 0x5b: // [
        depth += 1;
        values += 1;
        if (depth > bounds.jsonDepth) throw unreadable(`JSON is nested deeper than ${bounds.jsonDepth} levels`);
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth -= 1;
        break;
      case 0x2c: // ,
        values += 1;
        break;
      default:
        break;
    }
    if (values > bounds.jsonValues) throw unreadable(`JSON has more than ${bounds.jsonValues} values`);
  }
}

/** Index of the closing quote, or the end of the body when there is none: then the parser says what is wrong. */
function endOfString(body: Buffer, open: number): number {
  let at = open;
  for (;;) {
    const close = body.indexOf(quote, at + 1);
    if (close < 0) return body.length;
    let escapes = 0;
    while (body[close - 1 - escapes] === backslash) escapes += 1;
    if (escapes % 2 === 0) return close;
    at = close;
  }
}
