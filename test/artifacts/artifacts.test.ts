import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createArtifacts } from "../../src/artifacts/artifacts.ts";
import { openImageFiles } from "../../src/artifacts/image-files.ts";
import type { Artifacts } from "../../src/artifacts/contract.ts";
import { KilnError, ServiceError } from "../../src/base/errors.ts";
import { openFileBlobs } from "../../src/store/files/blobs.ts";
import { forgeZip, LINK } from "./forge-zip.ts";

interface Place {
  work: string;
  artifacts: Artifacts;
  images: () => Promise<string[]>;
  /** The same directories, opened anew. */
  reopen: () => Promise<Artifacts>;
  pass: (ms: number) => void;
}

async function withArtifacts(
  body: (place: Place) => Promise<void>,
  maxImageBytes = Number.POSITIVE_INFINITY,
): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), "kiln-artifacts-"));
  let now = Date.now();
  const clock = () => now;
  const reopen = async () =>
    createArtifacts({
      blobs: await openFileBlobs({ dir: join(work, "blobs") }),
      files: await openImageFiles({ dir: join(work, "a"), maxBytes: maxImageBytes, clock }),
      clock,
    });
  try {
    const artifacts = await reopen();
    await body({
      work,
      artifacts,
      reopen,
      images: () => readdir(join(work, "a/images")),
      pass: (ms) => void (now += ms),
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const hasCode = (code: string) => (error: unknown) => error instanceof KilnError && error.code === code;

const zip = forgeZip([
  { name: "index.mjs", content: "export const handler = async () => 1;" },
  { name: "bin/tool", content: "#!/bin/sh\n", unixMode: 0o100755 },
  { name: "data", content: Buffer.alloc(1_000_000, "0123456789abc") },
  { name: "link", content: "bin/tool", unixMode: LINK },
]);

const filledWith = (text: string) => forgeZip([{ name: "data", content: Buffer.alloc(100_000, text) }]);

describe("artifacts", () => {
  it("the kernel mounts the image and finds in it what the zip has", () =>
    withArtifacts(async ({ work, artifacts }) => {
      const stored = await artifacts.put(zip);
      const hash = createHash("sha256").update(zip);
      assert.deepEqual(stored, {
        blob: hash.copy().digest("hex"),
        codeSha256: hash.digest("base64"),
        size: zip.length,
        unzippedSize: 37 + 10 + 1_000_000 + 8,
      });
      const root = join(work, "mounted");
      await mkdir(root);
      execFileSync("mount", ["-t", "erofs", "-o", "ro,loop", await artifacts.prepare(stored.blob), root]);
      try {
        assert.deepEqual((await readdir(root)).toSorted(), ["bin", "data", "index.mjs", "link"]);
        assert.equal(await readFile(join(root, "index.mjs"), "utf8"), "export const handler = async () => 1;");
        assert.ok(Buffer.alloc(1_000_000, "0123456789abc").equals(await readFile(join(root, "data"))));
        assert.equal(await readlink(join(root, "link")), "bin/tool");
        const tool = await stat(join(root, "link"));
        assert.deepEqual([tool.mode & 0o7777, tool.uid, tool.gid], [0o755, 0, 0]);
        assert.equal((await stat(root)).mode & 0o7777, 0o755);
      } finally {
        execFileSync("umount", [root]);
      }
      assert.ok(zip.equals((await artifacts.read(stored.blob)) ?? Buffer.alloc(0)));
    }));

  it("stores nothing of a zip that is refused", () =>
    withArtifacts(async ({ work, artifacts, images }) => {
      await assert.rejects(
        artifacts.put(forgeZip([{ name: "ok" }, { name: "bad", content: "x", crc: 1 }])),
        ServiceError,
      );
      assert.deepEqual(await readdir(join(work, "blobs")), ["aside"]);
      assert.deepEqual(await images(), []);
      assert.deepEqual(await readdir(join(work, "a/aside")), []);
    }));

  it("makes an image that is missing from the stored zip, once for all who ask", () =>
    withArtifacts(async ({ artifacts }) => {
      const { blob } = await artifacts.put(zip);
      const image = await artifacts.prepare(blob);
      const first = await readFile(image);
      await rm(image);
      const builds = await Promise.all(Array.from({ length: 10 }, () => artifacts.prepare(blob)));
      assert.deepEqual(new Set(builds), new Set([image]));
      const { ino } = await stat(image);
      await artifacts.prepare(blob);
      assert.equal((await stat(image)).ino, ino);
      assert.ok(first.equals(await readFile(image)));
    }));

  it("does not take what a killed build left for an image", () =>
    withArtifacts(async ({ work, artifacts, reopen }) => {
      const { blob } = await artifacts.put(zip);
      const image = await artifacts.prepare(blob);
      const whole = await readFile(image);
      await writeFile(join(work, "a/aside/half"), whole.subarray(0, 5000));
      await rm(image);
      const again = await reopen();
      assert.deepEqual(await readdir(join(work, "a/aside")), []);
      assert.ok(whole.equals(await readFile(await again.prepare(blob))));
    }));

  it("says which artifact is missing, or that the stored zip is damaged", () =>
    withArtifacts(async ({ work, artifacts }) => {
      await assert.rejects(artifacts.prepare("0".repeat(64)), hasCode("ARTIFACT_MISSING"));
      await assert.rejects(artifacts.prepare("../../etc/passwd"), hasCode("ARTIFACT_MISSING"));
      assert.equal(await artifacts.read("0".repeat(64)), undefined);
      const { blob } = await artifacts.put(zip);
      await rm(await artifacts.prepare(blob));
      await truncate(join(work, "blobs", blob), 100);
      await assert.rejects(artifacts.prepare(blob), hasCode("ARTIFACT_DAMAGED"));
    }));

  it("forgets what is not in use, but nothing that was put within the hour", () =>
    withArtifacts(async ({ artifacts, images, reopen, pass }) => {
      const kept = await artifacts.put(zip);
      const old = await artifacts.put(forgeZip([{ name: "old" }]));
      assert.equal(await artifacts.collect({ blobs: new Set([kept.blob]), merged: [] }), 0);
      pass(61 * 60_000);
      const young = await artifacts.put(forgeZip([{ name: "young" }]));
      assert.equal(await artifacts.collect({ blobs: new Set([kept.blob]), merged: [] }), 1);
      assert.equal(await artifacts.read(old.blob), undefined);
      assert.deepEqual((await images()).toSorted(), [`${kept.blob}.erofs`, `${young.blob}.erofs`].toSorted());
      assert.equal(await (await reopen()).collect({ blobs: new Set([kept.blob]), merged: [] }), 1);
      assert.deepEqual(await images(), [`${kept.blob}.erofs`]);
    }));

  it("merges artifacts in their order, once for each list, and anew after it was lost", () =>
    withArtifacts(async ({ work, artifacts, images, reopen, pass }) => {
      const one = await artifacts.put(
        forgeZip([
          { name: "lib/a", content: "1" },
          { name: "both", content: "1" },
        ]),
      );
      const two = await artifacts.put(
        forgeZip([
          { name: "lib/b", content: "2" },
          { name: "both", content: "2" },
        ]),
      );
      const list = [one.blob, two.blob];
      const built = await Promise.all(Array.from({ length: 5 }, () => artifacts.prepareMerged(list)));
      assert.equal(new Set(built).size, 1);
      const [image = ""] = built;
      assert.equal(await artifacts.prepareMerged([one.blob]), await artifacts.prepare(one.blob));
      const root = join(work, "mounted");
      await mkdir(root);
      execFileSync("mount", ["-t", "erofs", "-o", "ro,loop", image, root]);
      try {
        assert.deepEqual((await readdir(join(root, "lib"))).toSorted(), ["a", "b"]);
        assert.equal(await readFile(join(root, "both"), "utf8"), "2");
      } finally {
        execFileSync("umount", [root]);
      }
      const reversed = await artifacts.prepareMerged(list.toReversed());
      pass(61 * 60_000);
      const again = await reopen();
      assert.equal(await again.collect({ blobs: new Set(list), merged: [list] }), 0);
      const left = (await images()).map((name) => join(work, "a/images", name));
      assert.ok(left.includes(image) && !left.includes(reversed));
      const bytes = await readFile(image);
      await rm(image);
      assert.ok(bytes.equals(await readFile(await again.prepareMerged(list))));
      await assert.rejects(again.prepareMerged([one.blob, "0".repeat(64)]), hasCode("ARTIFACT_MISSING"));
    }));

  it("takes many at once", () =>
    withArtifacts(async ({ artifacts, images }) => {
      const zips = Array.from({ length: 30 }, (_, index) => forgeZip([{ name: "f", content: String(index % 10) }]));
      const stored = await Promise.all(zips.map((each) => artifacts.put(each)));
      assert.equal(new Set(stored.map(({ blob }) => blob)).size, 10);
      assert.equal((await images()).length, 10);
    }));

  it("makes room for new images: what was used longest ago goes, what was used just now stays", () =>
    withArtifacts(async ({ artifacts, images, pass }) => {
      const [a = "", b = "", c = "", d = ""] = await Promise.all(
        ["a", "b", "c", "d"].map(async (text) => (await artifacts.put(filledWith(text))).blob),
      );
      const there = async (): Promise<string[]> =>
        (await images()).map((name) => name.replace(".erofs", "")).toSorted((x, y) => (x < y ? -1 : 1));
      assert.deepEqual(await there(), [a, b, c, d].toSorted(), "all are young");
      pass(120_000);
      await artifacts.prepare(b);
      await artifacts.prepare(a);
      const e = (await artifacts.put(filledWith("e"))).blob;
      assert.deepEqual(await there(), [a, b, e].toSorted(), "c and d are the oldest");
      pass(120_000);
      await artifacts.prepare(b);
      const path = await artifacts.prepare(c);
      assert.deepEqual(await there(), [b, c, e].toSorted(), "a is older than e");
      assert.ok((await readFile(path)).includes("c".repeat(100_000)), "made anew from its zip");
    }, 350_000));
});
