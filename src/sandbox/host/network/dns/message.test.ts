import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { emptyAnswer, functionAnswer, isAnswerTo, parseQuery, RCODE, resolverQuery, type Query } from "./message.ts";

const bytes = (...values: (number | string)[]): Uint8Array =>
  Buffer.concat(values.map((value) => (typeof value === "string" ? Buffer.from(value) : Uint8Array.of(value))));
const header = (flags: number, counts: number[], id = 7): Uint8Array =>
  Buffer.from([id, flags, ...counts].flatMap((value) => [value >> 8, value & 255]));
/** a.test */
const name = bytes(1, "a", 4, "test", 0);
const question = (type: number, of = name): Uint8Array => Buffer.concat([of, bytes(0, type, 0, 1)]);
const record = (type: number, data: Uint8Array, owner = bytes(0xc0, 12)): Uint8Array =>
  Buffer.concat([owner, bytes(0, type, 0, 1, 0, 0, 0, 60, data.length >> 8, data.length & 255), data]);

function queryOf(message: Uint8Array): Query {
  const parsed = parseQuery(message);
  assert.ok(parsed !== undefined && parsed.rcode === undefined);
  return parsed.query;
}

const query = queryOf(Buffer.concat([header(0x0100, [1, 0, 0, 0]), question(1)]));
const response = (count: number, ...records: Uint8Array[]): Uint8Array =>
  Buffer.concat([header(0x8180, [1, count, 0, 0]), question(1), ...records]);
const A = (...address: number[]): Uint8Array => record(1, Uint8Array.from(address));
const mayReach = (address: string): boolean => address.startsWith("8.");
const countOf = (message: Uint8Array): number => (message[6] ?? 0) * 256 + (message[7] ?? 0);
const rcodeOf = (message: Uint8Array): number => (message[3] ?? 0) & 15;

test("a query for a resolver has the question and nothing else of the function's", () => {
  const hostile = Buffer.concat([
    header(0x01b0, [1, 0, 0, 1], 1234),
    question(1),
    bytes(0, 0, 41, 16, 0, 1, 2, 3, 4, 0, 3, "abc"),
  ]);
  const asked = queryOf(hostile);
  assert.deepEqual([asked.id, asked.edns, asked.udpSize, asked.recursionDesired], [1234, true, 4096, true]);
  const sent = resolverQuery(asked, 9);
  const expected = Buffer.concat([
    header(0x0100, [1, 0, 0, 1], 9),
    question(1),
    bytes(0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0),
  ]);
  assert.deepEqual(Buffer.from(sent), expected);
});

for (const [what, message, rcode] of [
  ["an answer", Buffer.concat([header(0x8000, [1, 0, 0, 0]), question(1)]), undefined],
  ["too short", header(0, [1, 0, 0]), undefined],
  ["too long", Buffer.concat([header(0x0100, [1, 0, 0, 0]), question(1), Buffer.alloc(5000)]), undefined],
  ["an update", Buffer.concat([header(0x2800, [1, 0, 0, 0]), question(1)]), RCODE.notImplemented],
  ["two questions", Buffer.concat([header(0x0100, [2, 0, 0, 0]), question(1), question(1)]), RCODE.malformed],
  ["answers in a query", Buffer.concat([header(0x0100, [1, 1, 0, 0]), question(1)]), RCODE.malformed],
  ["a compressed name", Buffer.concat([header(0x0100, [1, 0, 0, 0]), question(1, bytes(0xc0, 12))]), RCODE.malformed],
  ["a name without an end", Buffer.concat([header(0x0100, [1, 0, 0, 0]), Buffer.alloc(300, 1)]), RCODE.malformed],
  ["a zone transfer", Buffer.concat([header(0x0100, [1, 0, 0, 0]), question(252)]), RCODE.refused],
  ["another class", Buffer.concat([header(0x0100, [1, 0, 0, 0]), name, bytes(0, 16, 0, 3)]), RCODE.refused],
  [
    "a record that is no option",
    Buffer.concat([header(0x0100, [1, 0, 0, 1]), question(1), A(8, 8, 8, 8)]),
    RCODE.malformed,
  ],
] as const) {
  test(`a query that is none: ${what}`, () => assert.equal(parseQuery(message)?.rcode, rcode));
}

test("answers to something else are not taken", () => {
  const good = response(1, A(8, 8, 8, 8));
  assert.ok(isAnswerTo(query, 7, good));
  assert.ok(isAnswerTo(query, 7, Buffer.from(good.map((byte) => (byte === 0x61 ? 0x41 : byte)))), "0x20 encoding");
  assert.ok(!isAnswerTo(query, 8, good));
  assert.ok(!isAnswerTo(query, 7, Buffer.concat([header(0x8180, [1, 0, 0, 0]), question(28)])));
  assert.ok(!isAnswerTo(query, 7, Buffer.concat([header(0x0100, [1, 0, 0, 0]), question(1)])));
});

for (const [what, message, count, rcode] of [
  ["a public address", response(1, A(8, 8, 8, 8)), 1, 0],
  ["a private one", response(1, A(10, 0, 0, 1)), 0, 0],
  ["one of each", response(2, A(8, 8, 8, 8), A(10, 0, 0, 1)), 0, 0],
  ["a private one behind an alias", response(2, record(5, bytes(1, "b", 0xc0, 14)), A(10, 0, 0, 1)), 0, 0],
  ["an address of the wrong size", response(1, record(1, bytes(8, 8, 8))), 0, 0],
  ["IPv6", response(1, record(28, Buffer.alloc(16))), 0, 0],
  ["HTTPS, which may hint at addresses", response(1, record(65, bytes(0, 1, 0))), 0, 0],
  ["text", response(1, record(16, bytes(2, "hi"))), 1, 0],
  [
    "a name that does not exist",
    Buffer.concat([header(0x8183, [1, 0, 1, 0]), question(1), record(6, Buffer.alloc(22))]),
    0,
    3,
  ],
  ["fewer records than announced", response(2, A(8, 8, 8, 8)), 0, RCODE.failed],
  ["a record that is cut off", response(1, A(8, 8, 8, 8).subarray(0, 10)), 0, RCODE.failed],
  ["data beyond the end", response(1, record(1, bytes(8, 8, 8, 8)).fill(255, 10, 12)), 0, RCODE.failed],
  ["a loop of compression", response(1, record(5, bytes(0xc0, 12), bytes(0xc0, 12 + question(1).length))), 1, 0],
] as const) {
  test(`an answer with ${what}`, () => {
    const answer = functionAnswer(query, message, mayReach);
    assert.deepEqual([countOf(answer), rcodeOf(answer)], [count, rcode]);
    assert.equal(answer[0], 0);
    assert.equal(answer[1], 7);
  });
}

test("no sections behind the answers, and an option only for who sent one", () => {
  const extra = Buffer.concat([
    header(0x8180, [1, 1, 1, 1]),
    question(1),
    A(8, 8, 8, 8),
    A(10, 0, 0, 1),
    A(10, 0, 0, 2),
  ]);
  assert.deepEqual(functionAnswer(query, extra, mayReach), response(1, A(8, 8, 8, 8)));
  const answer = emptyAnswer({ ...query, edns: true }, RCODE.refused);
  assert.deepEqual([rcodeOf(answer), answer.length], [5, 12 + question(1).length + 11]);
});

test("any bytes: no error, no address that must not be reached", () => {
  const start = response(3);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
      parseQuery(tail);
      parseQuery(Buffer.concat([header(0x0100, [1, 0, 0, 1]), tail]));
      functionAnswer(query, tail, mayReach);
      functionAnswer(query, Buffer.concat([start, tail]), mayReach);
    }),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(8, 10), fc.nat(255)), { minLength: 1, maxLength: 20 }),
      (addresses) => {
        const answer = functionAnswer(
          query,
          response(addresses.length, ...addresses.map(([a, b]) => A(a, 0, 0, b))),
          mayReach,
        );
        assert.equal(countOf(answer), addresses.some(([first]) => first === 10) ? 0 : addresses.length);
      },
    ),
  );
});
