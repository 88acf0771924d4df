import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { javaKeyStore } from "./java-key-store.ts";

test("a key store of one certificate, byte by byte", () => {
  const store = javaKeyStore([{ alias: "a", bytes: Buffer.from("certificate") }]);
  const content = store.subarray(0, -20);
  const head = "feedfeed 00000002 00000001 00000002 0001 61 0000000000000000 0005 582e353039 0000000b";
  assert.equal(content.toString("hex"), `${head.replaceAll(" ", "")}${Buffer.from("certificate").toString("hex")}`);
  const password = Buffer.from("\0c\0h\0a\0n\0g\0e\0i\0t");
  const digest = createHash("sha1").update(password).update("Mighty Aphrodite").update(content).digest("hex");
  assert.equal(store.subarray(-20).toString("hex"), digest);
});
