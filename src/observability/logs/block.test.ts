import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  blockAt,
  encodeBlock as encodeEvents,
  encodeEvent,
  eventId,
  eventsOf,
  type BlockView,
  type Bodies,
  type PendingEvent,
} from "./block.ts";

function encodeBlock(events: readonly PendingEvent[], firstId: number, ingestedAt: number, bodies?: Bodies): Buffer {
  return encodeEvents(events.map(encodeEvent), firstId, ingestedAt, bodies);
}

const anyEvent = fc.record(
  {
    stream: fc.string({ maxLength: 20 }),
    timestamp: fc.integer({ min: 0, max: 4e12 }),
    message: fc.string({ unit: "grapheme" }),
  },
  { noNullPrototype: true },
);

test("what is written is read: order, ids, times, text", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { minLength: 1 }), (events) => {
      const view = blockAt(encodeBlock(events, 1000, 77), 0);
      assert.ok(view);
      const read = eventsOf(view.open());
      assert.deepEqual(
        read.map(({ stream, timestamp, message }) => ({ stream, timestamp, message })),
        events,
      );
      assert.deepEqual(
        read.map(({ id }) => id),
        events.map((_, index) => eventId(1000 + index)),
      );
      assert.ok(read.every(({ ingestionTime }) => ingestionTime === 77));
    }),
  );
});

test("a block that is cut or changed anywhere is no block", () => {
  const whole = encodeBlock([{ stream: "s", timestamp: 5, message: "hello" }], 1, 2);
  for (let length = 0; length < whole.length; length += 1) {
    assert.equal(blockAt(whole.subarray(0, length), 0), undefined);
  }
  for (let index = 0; index < whole.length; index += 1) {
    // The four numbers behind the checksum are hints for skipping.
    if (index >= 12 && index < 40) continue;
    const changed = Buffer.from(whole);
    changed[index] = (changed[index] ?? 0) ^ 0x40;
    assert.equal(blockAt(changed, 0), undefined);
  }
});

test("a sealed body opens for its own id alone, and one in the clear stays readable", () => {
  const events = [{ stream: "s", timestamp: 5, message: "open sesame" }];
  const sealed: Bodies = {
    seal: (body, id) => Buffer.concat([Buffer.from([0, id]), body.map((byte) => byte ^ 0x55)]),
    open(body, id) {
      if (body[0] !== 0) return body;
      assert.equal(body[1], id);
      return Buffer.from(body.subarray(2).map((byte) => byte ^ 0x55));
    },
  };
  const block = encodeBlock(events, 7, 2, sealed);
  assert.ok(!block.includes("sesame") && !block.includes('"s"'));
  const read = (bytes: Buffer) =>
    eventsOf((blockAt(bytes, 0, sealed) as BlockView).open()).map(({ message }) => message);
  assert.deepEqual(read(block), ["open sesame"]);
  assert.deepEqual(read(encodeBlock(events, 7, 2)), ["open sesame"]);
});
