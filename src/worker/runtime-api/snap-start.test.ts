/** What the Runtime API has for runtimes whose snapshot is taken, and for those that come out of one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRuntimeClient } from "../testing/fake-runtime.ts";
import { openRuntimeApi } from "../testing/runtime-api-bench.ts";

const NEXT = "/2018-06-01/runtime/restore/next";
const ERROR = "/2018-06-01/runtime/restore/error";
const type = { "lambda-runtime-function-error-type": "Runtime.AfterRestoreError" };

test("a runtime without SnapStart finds none of it", async (t) => {
  const bench = await openRuntimeApi();
  t.after(() => bench.close());
  const client = createRuntimeClient(bench.port);
  assert.equal((await client.request("GET", NEXT)).status, 404);
  assert.equal((await client.request("POST", ERROR, "{}")).status, 404);
  assert.equal((await client.request("GET", "/2021-04-23/credentials")).status, 404);
  assert.deepEqual(bench.told, []);
});

test("who asks for the restore is told of once, waits, and asks for no event meanwhile", async (t) => {
  const bench = await openRuntimeApi({}, false, undefined, { snapStart: "snapshot" });
  t.after(() => bench.close());
  const client = createRuntimeClient(bench.port);
  const answers: string[] = [];
  for (let n = 0; n < 2; n++)
    client.request("GET", NEXT).then(
      () => answers.push("restored"),
      () => answers.push("hung up"),
    );
  while (bench.told.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const next = await client.next();
  assert.equal(next.status, 403);
  assert.match(next.body, /State transition from RestoreReady to Ready failed for runtime/);
  assert.equal((await client.request("POST", ERROR, "{}", type)).status, 403);
  assert.deepEqual([bench.told, answers], [["restore ready"], []]);
});

test("who comes out of a snapshot is answered at once, may report a hook, and then asks for nothing", async (t) => {
  const bench = await openRuntimeApi({}, false, undefined, { snapStart: "restored" });
  t.after(() => bench.close());
  const client = createRuntimeClient(bench.port);
  const restored = await client.request("GET", NEXT);
  assert.deepEqual([restored.status, restored.body], [200, ""]);
  assert.equal((await client.request("PUT", NEXT)).status, 405);
  assert.equal((await client.request("POST", ERROR, '{"a":1}', type)).status, 202);
  assert.match(bench.told[0] ?? "", /^restore Runtime.AfterRestoreError/);
  for (const again of [client.request("POST", ERROR, "{}", type), client.next(), client.request("GET", NEXT)]) {
    assert.equal((await again).status, 403);
  }
  assert.equal(bench.told.length, 1);
});

test("who comes out of a snapshot may ask for events at once", async (t) => {
  const bench = await openRuntimeApi({}, false, undefined, { snapStart: "restored" });
  t.after(() => bench.close());
  const client = createRuntimeClient(bench.port);
  client.next().catch(() => undefined);
  while (bench.told.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual(bench.told, ["ready"]);
});
