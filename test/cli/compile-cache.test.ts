import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chown, mkdir, mkdtemp, readdir, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";

const kiln = resolve(import.meta.dirname, "../../bin/kiln");

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "kiln-compile-cache-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function run(cache: string): Promise<void> {
  const { NODE_COMPILE_CACHE: _, NODE_V8_COVERAGE: __, ...environment } = process.env;
  const { stdout } = await promisify(execFile)(kiln, ["version"], {
    env: { ...environment, KILN_COMPILE_CACHE: cache },
  });
  assert.match(stdout, /^kiln \d/);
}

test("what was compiled is kept in a folder that nobody else may write", async (t) => {
  const cache = join(await folderFor(t), "new/cache");
  await run(cache);
  assert.equal((await stat(cache)).mode & 0o777, 0o700);
  assert.notDeepEqual(await readdir(cache), []);
  await run(cache);
});

test(
  "a folder of somebody else, or a link to one, is not used",
  { skip: process.getuid?.() !== 0 && "needs root" },
  async (t) => {
    const folder = await folderFor(t);
    const strange = join(folder, "strange");
    await mkdir(strange);
    await chown(strange, 65_534, 65_534);
    await run(strange);
    const link = join(folder, "link");
    await mkdir(join(folder, "target"));
    await symlink(join(folder, "target"), link);
    await run(link);
    assert.deepEqual([await readdir(strange), await readdir(join(folder, "target"))], [[], []]);
  },
);
