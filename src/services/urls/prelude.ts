/**
 * A streamed answer of the type `application/vnd.awslambda.http-integration-response` begins with JSON (status, headers,
 * cookies) and eight bytes of zero; the body follows
 * (https://docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html, `HttpResponseStream.from`).
 */
import { MAX_PRELUDE } from "./limits.ts";

const TYPE = "application/vnd.awslambda.http-integration-response";
const END = Buffer.alloc(8);

export function hasPrelude(contentType: string): boolean {
  return contentType.split(";", 1)[0]?.trim().toLowerCase() === TYPE;
}

export interface Prelude {
  json: string;
  /** The beginning of the body that came in the same piece. */
  rest: Uint8Array;
}

/** Reads up to the zeros. `empty`: the answer has no byte at all. Undefined: there is no end of the prelude within the bound. */
export async function readPrelude(pieces: AsyncIterator<Uint8Array>): Promise<Prelude | "empty" | undefined> {
  const held = Buffer.allocUnsafe(MAX_PRELUDE + END.length);
  let length = 0;
  for (;;) {
    const { done, value } = await pieces.next();
    if (done === true) return length === 0 ? "empty" : undefined;
    const room = Math.min(value.length, held.length - length);
    held.set(value.subarray(0, room), length);
    const from = Math.max(0, length - (END.length - 1));
    const end = held.subarray(0, length + room).indexOf(END, from);
    if (end >= 0) {
      return { json: held.toString("utf8", 0, end), rest: value.subarray(end + END.length - length) };
    }
    length += room;
    if (length === held.length) return undefined;
  }
}
