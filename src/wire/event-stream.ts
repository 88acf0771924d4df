/**
 * Event streams in answers: each event is one binary message with its kind in the headers.
 * https://smithy.io/2.0/aws/amazon-eventstream.html
 */
import { EventStreamCodec } from "@smithy/core/event-streams";
import { fromUtf8, toUtf8 } from "@smithy/core/serde";
import type { Writer } from "./json/writer.ts";
import type { Shape } from "./schema/operation.ts";

type Event = Record<string, unknown>;
type EventEncoder = (event: Event) => Uint8Array;

const nothing = new Uint8Array(0);

/** Events are unions: objects with one member. `first` is the body of an initial response, where the protocol has one. */
export function encodeEvents(
  union: Shape,
  writerOf: (shape: Shape) => Writer,
): (events: AsyncIterable<Event>, first?: Uint8Array) => AsyncIterable<Uint8Array> {
  const codec = new EventStreamCodec(toUtf8, fromUtf8);
  const encoders = new Map<string, EventEncoder>();
  for (const [kind, shape] of union.structIterator()) encoders.set(kind, eventEncoder(codec, kind, shape, writerOf));
  return async function* encode(events, first) {
    if (first !== undefined) yield message(codec, "initial-response", "application/json", first);
    for await (const event of events) {
      const [kind] = Object.keys(event);
      const encodeEvent = encoders.get(kind ?? "");
      if (kind === undefined || encodeEvent === undefined) throw new TypeError(`unknown event ${kind} in a stream`);
      yield encodeEvent(event[kind] as Event);
    }
  };
}

function eventEncoder(
  codec: EventStreamCodec,
  kind: string,
  shape: Shape,
  writerOf: (shape: Shape) => Writer,
): EventEncoder {
  const payload = [...shape.structIterator()].find(([, member]) => member.getMergedTraits().eventPayload);
  if (payload === undefined) {
    const write = writerOf(shape);
    return (event) => message(codec, kind, "application/json", write(event));
  }
  const [name, member] = payload;
  if (!member.isBlobSchema() && !member.isStringSchema()) {
    const write = writerOf(member);
    return (event) => message(codec, kind, "application/json", write(event[name]));
  }
  return (event) => message(codec, kind, "application/octet-stream", bytesOf(event[name]));
}

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return typeof value === "string" ? fromUtf8(value) : nothing;
}

function message(codec: EventStreamCodec, kind: string, type: string, body: Uint8Array): Uint8Array {
  return codec.encode({
    headers: {
      ":message-type": { type: "string", value: "event" },
      ":event-type": { type: "string", value: kind },
      ":content-type": { type: "string", value: type },
    },
    body,
  });
}
