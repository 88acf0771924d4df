import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fromBufferPromise, type Entry } from "yauzl";
import { openSource } from "./source.ts";

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "kiln-zip-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

function makeProject(path: string): void {
  mkdirSync(join(path, "node_modules/.bin"), { recursive: true });
  mkdirSync(join(path, "node_modules/tool"));
  mkdirSync(join(path, ".git"));
  mkdirSync(join(path, "empty"));
  mkdirSync(join(path, "secret"));
  writeFileSync(join(path, "index.mjs"), "export const handler = async () => 1;\n".repeat(100));
  writeFileSync(join(path, "node_modules/tool/run.js"), "#!/usr/bin/env node\n");
  writeFileSync(join(path, "größe.txt"), "ü");
  writeFileSync(join(path, "debug.log"), "x");
  writeFileSync(join(path, ".git/HEAD"), "x");
  writeFileSync(join(path, "secret/key"), "x");
  writeFileSync(join(path, ".kilnignore"), "secret/\n");
  symlinkSync("../tool/run.js", join(path, "node_modules/.bin/tool"));
  chmodSync(join(path, "index.mjs"), 0o644);
  chmodSync(join(path, "größe.txt"), 0o600);
  chmodSync(join(path, "node_modules/tool/run.js"), 0o755);
  chmodSync(join(path, "empty"), 0o755);
}

async function zipOf(path: string): Promise<Buffer> {
  return (await openSource(path)).zip();
}

async function entriesOf(zip: Buffer): Promise<Entry[]> {
  const file = await fromBufferPromise(zip);
  const entries: Entry[] = [];
  for await (const entry of file.eachEntry()) entries.push(entry);
  return entries;
}

test("a folder's zip has its files, modes and links, and nothing that is left out", async (t) => {
  const path = folder(t);
  makeProject(path);
  const entries = await entriesOf(await zipOf(path));
  assert.deepEqual(
    entries.map(({ fileName, externalFileAttributes }) => [fileName, (externalFileAttributes >>> 16).toString(8)]),
    [
      ["empty/", "40755"],
      ["größe.txt", "100600"],
      ["index.mjs", "100644"],
      ["node_modules/.bin/tool", "120777"],
      ["node_modules/tool/run.js", "100755"],
    ],
  );
});

test("the same content gives the same bytes: in another place, at another time, in another zone", async (t) => {
  const [first, second] = [join(folder(t), "project"), join(folder(t), "project")];
  makeProject(first);
  cpSync(first, second, { recursive: true, verbatimSymlinks: true });
  utimesSync(join(second, "index.mjs"), 1_000_000_000, 1_000_000_000);
  const one = await zipOf(first);
  assert.ok(one.equals(await zipOf(second)));
  const program = `
    import { openSource } from ${JSON.stringify(join(import.meta.dirname, "source.ts"))};
    process.stdout.write(await (await openSource(process.argv[1])).zip());`;
  for (const TZ of ["Asia/Tokyo", "America/Los_Angeles"]) {
    const other = execFileSync(process.execPath, ["--input-type=module", "--eval", program, second], {
      env: { ...process.env, TZ },
    });
    assert.ok(one.equals(other), TZ);
  }
});

test("unpacked, the links work and the modes are there", async (t) => {
  const [path, out] = [folder(t), folder(t)];
  makeProject(path);
  writeFileSync(join(out, "code.zip"), await zipOf(path));
  // Python's unzip checks every CRC; its tool ignores links, so that entry is only looked at.
  execFileSync("python3", ["-m", "zipfile", "-t", join(out, "code.zip")]);
  const file = await fromBufferPromise(await zipOf(path));
  for await (const entry of file.eachEntry()) {
    if (entry.fileName !== "node_modules/.bin/tool") continue;
    const stream = await file.openReadStreamPromise(entry);
    assert.equal(Buffer.concat(await stream.toArray()).toString(), "../tool/run.js");
  }
});

test("a zip over 50 MB is refused while it is made", async (t) => {
  const path = folder(t);
  // Bytes that do not compress.
  execFileSync("dd", ["if=/dev/urandom", `of=${join(path, "index.mjs")}`, "bs=1M", "count=51"], { stdio: "ignore" });
  await assert.rejects(zipOf(path), /more than 50 MB zipped; Lambda takes at most 50 MB/);
  // Python's zipfile stores what it packs as it is.
  execFileSync("python3", ["-m", "zipfile", "-c", "code.zip", "index.mjs"], { cwd: path });
  await assert.rejects(zipOf(join(path, "code.zip")), /Lambda takes at most 50 MB/);
});
