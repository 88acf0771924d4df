import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { newBucket, takeToken } from "./token-bucket.ts";

test("in any span of time no more than the burst and what has been refilled, and all of that", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { maxLength: 200 }), (gaps) => {
      const bucket = newBucket();
      let now = 1000;
      let taken = 0;
      for (const gap of gaps) {
        now += gap;
        if (takeToken(bucket, 100, 5, now)) taken += 1;
        assert.ok(taken <= 5 + (now - 1000) / 10 + 1e-6);
      }
      // One more after a second of rest: it is full again.
      const rested = now + 1000;
      const again = Array.from({ length: 6 }, () => takeToken(bucket, 100, 5, rested));
      assert.deepEqual(again, [true, true, true, true, true, false]);
    }),
  );
  assert.ok(takeToken(newBucket(), Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0));
});
