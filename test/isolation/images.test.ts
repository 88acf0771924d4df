/** Images stay mounted after their last user: the same file is not mounted again, another file of that name is. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createImageMounts, type ImageMounts, type ImageUse } from "../../src/sandbox/host/images.ts";
import { mountPointsBelow } from "../../src/sandbox/host/mounts.ts";
import { openBench } from "./support.ts";

interface Place {
  images: ImageMounts;
  dir: string;
  /** Puts another image under the one name. */
  put: (content: string) => Promise<string>;
}

function place(t: TestContext): Place {
  const bench = openBench();
  const dir = mkdtempSync(join(tmpdir(), "kiln-mounts-"));
  const images = createImageMounts(dir);
  t.after(() => {
    images.close();
    assert.deepEqual(mountPointsBelow(dir), []);
    bench.close();
    rmSync(dir, { recursive: true });
  });
  return {
    images,
    dir,
    async put(content) {
      const name = join(dir, "image");
      renameSync(await bench.image({ name: content }), name);
      return name;
    },
  };
}

const contentOf = ({ dir }: ImageUse): string => readFileSync(join(dir, "name"), "utf8");

test("an image stays mounted for its next user, and goes with the sandbox", async (t) => {
  const { images, dir, put } = place(t);
  const name = await put("one");
  const first = images.use(name);
  first.release();
  first.release();
  const second = images.use(name);
  assert.equal(second.dir, first.dir);
  assert.equal(contentOf(second), "one");
  second.release();
  assert.equal(mountPointsBelow(dir).length, 1);
});

test("another file under the same name is another image, for who does not use the first already", async (t) => {
  const { images, dir, put } = place(t);
  const name = await put("one");
  const first = images.use(name);
  await put("two");
  const second = images.use(name);
  assert.equal(contentOf(second), "one");
  first.release();
  second.release();
  const third = images.use(name);
  assert.equal(contentOf(third), "two");
  assert.equal(mountPointsBelow(dir).length, 1);
  third.release();
  rmSync(name);
  assert.throws(() => images.use(name), { code: "IMAGE_NOT_MOUNTED" });
});
