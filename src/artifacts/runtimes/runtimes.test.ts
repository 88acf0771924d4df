import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { Runtime } from "@aws-sdk/client-lambda";

import { buildRuntimes, hostArch } from "./build.ts";
import { catalogue } from "./catalogue.ts";
import { removeOld } from "./remove-old.ts";
import { imageKey } from "./recipe.ts";
import { createRuntimes } from "./runtimes.ts";

async function directory(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "kiln-runtimes-"));
  t.after(() => rm(dir, { recursive: true }));
  return dir;
}

test("the catalogue has every runtime that AWS's API knows, each with an image or the reason why not", () => {
  assert.deepEqual(catalogue.map(({ id }) => id).sort(), Object.values(Runtime).sort());
  for (const { id, build, unavailable, deprecated, blockCreate, blockUpdate } of catalogue) {
    assert.equal(build === undefined, unavailable !== undefined, id);
    for (const date of [deprecated, blockCreate, blockUpdate]) {
      assert.match(date ?? "2026-01-01", /^20\d\d-\d\d-\d\d$/, id);
    }
    assert.ok((blockCreate ?? "") <= (blockUpdate ?? ""), id);
  }
});

test("an image is known once its manifest is there, of the right recipe, and its file whole", async (t) => {
  const dir = await directory(t);
  const runtimes = createRuntimes({ dir });
  t.after(() => runtimes.close());
  const entry = runtimes.entry("nodejs24.x");
  const build = catalogue.find(({ id }) => id === "nodejs24.x")?.build;
  assert.ok(entry?.build !== undefined && build !== undefined);
  assert.equal(runtimes.image("nodejs24.x"), undefined);

  const key = imageKey("nodejs24.x", "nodejs", build, hostArch());
  const manifest = { id: "nodejs24.x", key, image: "nodejs24.x-0.erofs", size: 3, digest: "ab" };
  await writeFile(join(dir, "nodejs24.x.json"), "{");
  assert.equal(runtimes.image("nodejs24.x"), undefined);
  await writeFile(join(dir, "nodejs24.x.json"), JSON.stringify(manifest));
  assert.equal(runtimes.image("nodejs24.x"), undefined);
  await writeFile(join(dir, manifest.image), "12");
  assert.equal(runtimes.image("nodejs24.x"), undefined);
  await writeFile(join(dir, manifest.image), "123");
  await writeFile(join(dir, "nodejs24.x.json"), JSON.stringify({ ...manifest, key: "other" }));
  assert.equal(runtimes.image("nodejs24.x"), undefined);
  await writeFile(join(dir, "nodejs24.x.json"), JSON.stringify(manifest));
  assert.deepEqual(runtimes.image("nodejs24.x"), {
    id: "nodejs24.x",
    image: join(dir, manifest.image),
    env: { AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x" },
    argv: ["/var/runtime/bootstrap"],
    versionArn: "arn:aws:lambda:us-east-1::runtime:ab",
    preboot: true,
  });
});

test("old files go, but not an image that someone holds", async (t) => {
  const dir = await directory(t);
  for (const name of ["a-1.erofs", "a-2.erofs", "base-1.tar", "b.tgz", "c.json", "notes"]) {
    await writeFile(join(dir, name), name);
  }
  const { openSync, closeSync } = await import("node:fs");
  const held = openSync(join(dir, "a-1.erofs"), "r");
  assert.deepEqual((await removeOld(dir, new Set(["a-2.erofs"]))).sort(), ["b.tgz", "base-1.tar"]);
  closeSync(held);
  assert.deepEqual(await removeOld(dir, new Set(["a-2.erofs"])), ["a-1.erofs"]);
});

test("a runtime that does not exist, or that Kiln cannot build, is refused with what to do", async (t) => {
  const dir = await directory(t);
  await assert.rejects(buildRuntimes({ dir, ids: ["cobol85"] }), { code: "RUNTIME_UNKNOWN" });
  await assert.rejects(buildRuntimes({ dir, ids: ["ruby2.5"] }), {
    code: "RUNTIME_UNAVAILABLE",
    message: /Debian.*Ruby 3\.3 only/,
  });
});
