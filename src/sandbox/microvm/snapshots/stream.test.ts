import assert from "node:assert/strict";
import { mkdtemp, open, readFile, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { SnapshotFacts } from "./facts.ts";
import { FILES, type SnapshotFiles } from "./place.ts";
import { read, write } from "./stream.ts";

const MIB = 1024 * 1024;
const facts = { kind: "this" } as SnapshotFacts;

async function placeIn(t: TestContext): Promise<SnapshotFiles> {
  const dir = await mkdtemp(join(tmpdir(), "kiln-snapshot-"));
  t.after(() => rm(dir, { recursive: true }));
  return Object.fromEntries(FILES.map((name) => [name, join(dir, name)])) as unknown as SnapshotFiles;
}

/** What a store gives back comes in pieces of its own. */
async function* inPieces(from: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  for await (const chunk of from) {
    for (let at = 0; at < chunk.length; at += size) yield chunk.subarray(at, at + size);
  }
}

/** The file has bytes here and there, and zeros in between. */
async function sparse(path: string, places: readonly number[]): Promise<void> {
  const file = await open(path, "w");
  for (const at of places) await file.write(Buffer.alloc(5000, at % 251 || 1), 0, 5000, at);
  await file.close();
  await truncate(path, 4 * MIB);
}

test("a snapshot is read back as it was, in whatever pieces it comes", async (t) => {
  const from = await placeIn(t);
  for (const [index, name] of FILES.entries()) await sparse(from[name], [0, MIB + index * 8192, 3 * MIB]);
  for (const size of [7, 4096, 64 * MIB]) {
    const to = await placeIn(t);
    for (const name of FILES) await (await open(to[name], "w")).close();
    await read(inPieces(write(facts, from), size), "this", async () => to);
    for (const name of FILES)
      assert.ok((await readFile(from[name])).equals(await readFile(to[name])), `${name}, ${size}`);
  }
});

test("what is no snapshot, one of another host, and half of one are refused", async (t) => {
  const from = await placeIn(t);
  for (const name of FILES) await sparse(from[name], [0]);
  const whole: Buffer[] = [];
  for await (const chunk of write(facts, from)) whole.push(chunk);
  const to = await placeIn(t);
  for (const name of FILES) await (await open(to[name], "w")).close();
  const reading = (bytes: Buffer, kind = "this"): Promise<unknown> =>
    read(inPieces(arrayOf(bytes), 4096), kind, async () => to);
  const bytes = Buffer.concat(whole);
  await assert.rejects(reading(Buffer.from("{}\n")), { code: "SNAPSHOT_UNFIT" });
  await assert.rejects(reading(Buffer.from("no line")), { code: "SNAPSHOT_UNFIT" });
  await assert.rejects(reading(bytes, "another"), {
    code: "SNAPSHOT_UNFIT",
    message: /was taken with this, and here is another/,
  });
  await assert.rejects(reading(bytes.subarray(0, -1)), { code: "SNAPSHOT_UNFIT", message: /ends too early/ });
});

async function* arrayOf(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
