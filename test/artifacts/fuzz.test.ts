import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import * as fc from "fast-check";
import { createArtifacts } from "../../src/artifacts/artifacts.ts";
import { openImageFiles } from "../../src/artifacts/image-files.ts";
import { ServiceError } from "../../src/base/errors.ts";
import { openFileBlobs } from "../../src/store/files/blobs.ts";
import { forgeZip, LINK, zip64Extra, type ForgedEntry } from "./forge-zip.ts";

const part = fc.constantFrom("a", "b", "..", ".", "", "\0", "\\", "C:", "é", "x".repeat(256));
const path = fc.array(part, { maxLength: 4 }).map((parts) => parts.join("/"));
const size = fc.oneof(fc.nat({ max: 20 }), fc.constantFrom(262_144_000, 0x7fff_ffff, 0xffff_ffff));
const entry = fc.record(
  {
    name: path,
    content: fc.oneof(path, fc.string(), fc.constant("z".repeat(300_000))),
    stored: fc.boolean(),
    method: fc.constantFrom(0, 8, 9, 99),
    unixMode: fc.oneof(fc.constantFrom(0o100644, 0o100755, 0o040755, LINK, 0), fc.nat({ max: 0xffff })),
    host: fc.constantFrom(0, 3, 19),
    flags: fc.nat({ max: 0xffff }),
    size,
    compressedSize: size,
    crc: fc.nat(),
    extra: fc.oneof(
      fc.constant(zip64Extra(5n, 2n ** 40n, 7n)),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    ),
    headerOffset: size,
  },
  { requiredKeys: ["name"] },
) as fc.Arbitrary<ForgedEntry>;
const forged = fc.array(entry, { maxLength: 5 }).map((entries) => forgeZip(entries));

const good = forgeZip([
  { name: "index.mjs", content: "export const handler = async () => 1;\n".repeat(50) },
  { name: "lib/", unixMode: 0o040755 },
  { name: "lib/data.bin", content: Buffer.alloc(200_000, "data"), stored: true },
  { name: "lib/large.bin", content: Buffer.alloc(300_000, "data") },
  { name: "link", content: "lib/data.bin", unixMode: LINK },
]);
const mutation = fc.record({
  at: fc.nat({ max: good.length - 1 }),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
});
/** Most of what matters is in the last 400 bytes: the directory. */
const mutationOfDirectory = fc
  .record({ back: fc.integer({ min: 1, max: 400 }), bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }) })
  .map(({ back, bytes }) => ({ at: good.length - back, bytes }));
const mutated = fc.array(fc.oneof(mutation, mutationOfDirectory), { minLength: 1, maxLength: 4 }).map((mutations) => {
  const bytes = Buffer.from(good);
  for (const each of mutations) bytes.set(each.bytes.subarray(0, bytes.length - each.at), each.at);
  return bytes;
});
const cut = fc.nat({ max: good.length }).map((length) => good.subarray(0, length));

it("whatever is put either becomes an image or is refused with nothing left behind", async () => {
  const work = await mkdtemp(join(tmpdir(), "kiln-zip-fuzz-"));
  try {
    const blobs = await openFileBlobs({ dir: join(work, "blobs") });
    const artifacts = createArtifacts({
      blobs,
      files: await openImageFiles({
        dir: join(work, "artifacts"),
        maxBytes: Number.POSITIVE_INFINITY,
        clock: Date.now,
      }),
    });
    const taken = new Set<string>();
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.oneof(forged, mutated, cut), async (zip) => {
        try {
          taken.add((await artifacts.put(zip)).blob);
        } catch (error) {
          assert.ok(error instanceof ServiceError, String(error));
          refused += 1;
        }
      }),
      { numRuns: 1500 },
    );
    assert.ok(refused > 0 && taken.size > 0);
    const names = async (directory: string) => (await readdir(join(work, directory))).toSorted();
    const ids = [...taken].toSorted();
    assert.deepEqual(await names("blobs"), [...ids, "aside"].toSorted());
    assert.deepEqual(
      await names("artifacts/images"),
      ids.map((id) => `${id}.erofs`),
    );
    for (const id of ids.slice(0, 100)) {
      execFileSync("fsck.erofs", [join(work, "artifacts/images", `${id}.erofs`)], { stdio: "pipe" });
    }
    assert.deepEqual(await names("artifacts/aside"), []);
    assert.deepEqual(await names("blobs/aside"), []);
    assert.deepEqual(await names("."), ["artifacts", "blobs"]);
  } finally {
    await rm(work, { recursive: true });
  }
});
