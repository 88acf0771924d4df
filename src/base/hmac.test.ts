import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { HmacKey } from "./hmac.ts";

test("an HMAC is that of node:crypto, whatever the key and the text are", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.oneof(fc.string({ unit: "binary" }), fc.string({ minLength: 400, maxLength: 9000 })), {
        minLength: 1,
      }),
      fc.constantFrom("hex" as const, "base64url" as const),
      (bytes, texts, encoding) => {
        const key = new HmacKey(bytes);
        for (const text of texts) {
          assert.equal(key.sign(text, encoding), createHmac("sha256", bytes).update(text, "utf8").digest(encoding));
        }
      },
    ),
  );
  for (const length of [0, 63, 64, 65, 1000]) {
    for (const size of [0, 8191, 8192, 8193, 100_000]) {
      const [bytes, text] = [Buffer.alloc(length, "k"), "é".repeat(size / 2)];
      assert.equal(new HmacKey(bytes).sign(text, "hex"), createHmac("sha256", bytes).update(text).digest("hex"));
    }
  }
});
