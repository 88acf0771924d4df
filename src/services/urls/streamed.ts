/** From a streamed answer to HTTP: its beginning decides about status and headers, the rest passes as it comes. */
import type { StreamedAnswer } from "../../invoke/contract.ts";
import { badGateway, headOf, isRecord, type StreamedUrlAnswer, type UrlAnswer, type UrlHead } from "./answer.ts";
import { hasPrelude, readPrelude } from "./prelude.ts";

/** The function has failed inside its answer: all that HTTP leaves to do is to break it off. */
export class AnswerBroken extends Error {}

const octets = "application/octet-stream";

/** A function that fails before its first byte is answered for with 502, like any that fails. */
export async function streamedAnswer(answer: StreamedAnswer): Promise<UrlAnswer | StreamedUrlAnswer> {
  const { contentType, body, completed } = answer;
  if (contentType === undefined) return badGateway();
  const pieces = body[Symbol.asyncIterator]();
  const started = hasPrelude(contentType)
    ? await afterPrelude(pieces)
    : { status: 200, headers: [["content-type", contentType] as const], first: await firstOf(pieces) };
  if (started === undefined) {
    answer.discard();
    return badGateway();
  }
  const { first, ...head } = started;
  if (first === undefined && (await completed).functionError !== undefined) return badGateway();
  return { ...head, body: rest(first, pieces, completed) };
}

interface Started extends UrlHead {
  /** Undefined: the answer has no byte. */
  first: Uint8Array | undefined;
}

async function afterPrelude(pieces: AsyncIterator<Uint8Array>): Promise<Started | undefined> {
  const prelude = await readPrelude(pieces);
  // AWS answers 200 where a stream ends before its prelude has been written.
  if (prelude === "empty") return { status: 200, headers: [["content-type", octets]], first: undefined };
  if (prelude === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(prelude.json);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const head = headOf({ ...value, statusCode: value["statusCode"] ?? 200 }, octets);
  return head === undefined ? undefined : { ...head, first: prelude.rest };
}

async function firstOf(pieces: AsyncIterator<Uint8Array>): Promise<Uint8Array | undefined> {
  const { done, value } = await pieces.next();
  return done === true ? undefined : value;
}

async function* rest(
  first: Uint8Array | undefined,
  pieces: AsyncIterator<Uint8Array>,
  completed: StreamedAnswer["completed"],
): AsyncGenerator<Uint8Array> {
  if (first !== undefined && first.length > 0) yield first;
  for (;;) {
    const { done, value } = await pieces.next();
    if (done === true) break;
    yield value;
  }
  if ((await completed).functionError !== undefined) throw new AnswerBroken();
}
