import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { MAX_PRELUDE } from "./limits.ts";
import { hasPrelude, readPrelude } from "./prelude.ts";

const zeros = Buffer.alloc(8);

/** The bytes as an iterator, cut at these places. */
async function* cut(bytes: Buffer, places: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (const place of places.toSorted((a, b) => a - b)) {
    if (place > from && place < bytes.length) {
      yield bytes.subarray(from, place);
      from = place;
    }
  }
  yield bytes.subarray(from);
}

async function joined(pieces: AsyncIterable<Uint8Array>, first: Uint8Array): Promise<string> {
  const all = [first];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all).toString("latin1");
}

test("a prelude is found wherever the pieces are cut, and the body loses nothing", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.json(),
      fc.uint8Array({ maxLength: 40 }),
      fc.array(fc.nat(120), { maxLength: 8 }),
      async (json, body, places) => {
        const pieces = cut(Buffer.concat([Buffer.from(json), zeros, body]), places);
        const found = await readPrelude(pieces);
        assert.ok(found !== undefined && found !== "empty");
        assert.equal(found.json, json);
        assert.equal(await joined(pieces, found.rest), Buffer.from(body).toString("latin1"));
      },
    ),
  );
});

test("an answer without an end of its prelude is none, and no more of it is held than the bound", async () => {
  assert.equal(await readPrelude(cut(Buffer.alloc(0), [])), "empty");
  assert.equal(await readPrelude(cut(Buffer.from('{"statusCode":200}\0\0\0'), [3])), undefined);
  let read = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      read += 1000;
      yield Buffer.alloc(1000, " ");
    }
  }
  assert.equal(await readPrelude(endless()), undefined);
  assert.ok(read <= MAX_PRELUDE + 2000, String(read));
});

test("the type says that there is one", () => {
  assert.ok(hasPrelude("application/vnd.awslambda.http-integration-response"));
  assert.ok(hasPrelude("Application/Vnd.AWSLambda.http-integration-response; charset=x"));
  assert.ok(!hasPrelude("application/octet-stream"));
});
