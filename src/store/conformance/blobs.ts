/** What every implementation of Blobs does. `blobsConformance` registers tests. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { describe, it } from "node:test";
import { KilnError } from "../../base/errors.ts";
import type { Blobs } from "../contract.ts";
import { withSubject, type OpenSubject } from "./subject.ts";

export function blobsConformance(name: string, open: OpenSubject): void {
  const blobsTest = (title: string, body: (blobs: Blobs) => Promise<void>): void => {
    void it(title, () => withSubject(open, ({ store }) => body(store.blobs)));
  };

  void describe(`blobs of ${name}`, () => {
    blobsTest("keeps bytes under the SHA-256 of their content", async (blobs) => {
      for (const content of [Buffer.alloc(0), Buffer.from("hello"), Buffer.alloc(3_000_000, "kiln")]) {
        const id = createHash("sha256").update(content).digest("hex");
        assert.deepEqual(await blobs.put(content), { id, size: content.length });
        assert.deepEqual(await blobs.put(Readable.from(slices(content))), { id, size: content.length });
        const found = await blobs.get(id);
        assert.equal(found?.size, content.length);
        assert.ok(content.equals(await found.bytes()));
        assert.ok(content.equals(await buffer(found.stream())));
      }
    });

    blobsTest("takes the same content from many at once", async (blobs) => {
      const puts = await Promise.all(Array.from({ length: 20 }, () => blobs.put(Buffer.from("same"))));
      assert.equal(new Set(puts.map((put) => put.id)).size, 1);
      assert.equal((await ids(blobs)).length, 1);
    });

    blobsTest("knows nothing of ids that are not there, or are none", async (blobs) => {
      await blobs.put(Buffer.from("x"));
      for (const id of ["0".repeat(64), "", "..", "../store.db", "A".repeat(64), `${"0".repeat(63)}/`]) {
        assert.equal(await blobs.get(id), undefined);
        assert.equal(await blobs.delete(id), false);
      }
    });

    blobsTest("lists and deletes", async (blobs) => {
      const one = await blobs.put(Buffer.from("one"));
      const two = await blobs.put(Buffer.from("two"));
      assert.deepEqual(await ids(blobs), [one.id, two.id].toSorted());
      assert.equal(await blobs.delete(one.id), true);
      assert.equal(await blobs.delete(one.id), false);
      assert.equal(await blobs.get(one.id), undefined);
      assert.deepEqual(await ids(blobs), [two.id]);
    });

    blobsTest("stops at the given size and keeps nothing of it", async (blobs) => {
      await assert.rejects(blobs.put(Buffer.alloc(11), { maxBytes: 10 }), tooLarge);
      await assert.rejects(blobs.put(Readable.from(endless()), { maxBytes: 100_000 }), tooLarge);
      assert.equal((await blobs.put(Buffer.alloc(10), { maxBytes: 10 })).size, 10);
      assert.equal((await ids(blobs)).length, 1);
    });

    blobsTest("keeps nothing of a source that fails", async (blobs) => {
      await assert.rejects(blobs.put(Readable.from(failing())), /the source broke/);
      assert.deepEqual(await ids(blobs), []);
    });
  });
}

function tooLarge(error: unknown): boolean {
  return error instanceof KilnError && error.code === "BLOB_TOO_LARGE";
}

async function ids(blobs: Blobs): Promise<string[]> {
  const all: string[] = [];
  for await (const id of blobs.list()) all.push(id);
  return all.toSorted();
}

function* slices(content: Buffer): Generator<Buffer> {
  for (let at = 0; at < content.length; at += 70_001) yield content.subarray(at, at + 70_001);
}

function* endless(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(4096);
}

function* failing(): Generator<Buffer> {
  yield Buffer.alloc(10);
  throw new Error("the source broke");
}
