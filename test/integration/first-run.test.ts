/** `npm start` on an empty state directory, as a newcomer sees it; then a second time. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { leftovers, removeState, root } from "../support/kiln.ts";

const thumbnail = join(root, "samples/thumbnail/thumbnail.jpg");

/** Runs it until it says that it is ready, presses Ctrl-C, and returns what it printed. */
async function start(state: string): Promise<string> {
  const child = spawn("sh", [join(root, "tools/start")], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, KILN_STATE: state, KILN_LISTEN: "127.0.0.1:0" },
  });
  let text = "";
  const ready = new Promise<void>((resolve) => {
    const read = (chunk: Buffer): void => {
      text += chunk.toString();
      if (text.includes("Ctrl-C stops Kiln.")) resolve();
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  await Promise.race([ready, ended]);
  child.kill("SIGINT");
  assert.equal(await ended, 0, text);
  return text;
}

test("the first start deploys and calls the samples, the second does nothing twice, Ctrl-C leaves nothing", async (context) => {
  const state = await mkdtemp(join(tmpdir(), "kiln-first-"));
  context.after(() => removeState(state));
  await rm(thumbnail, { force: true });

  const first = await start(state);
  assert.match(first, /\$ bin\/kiln deploy samples\/hello\n/);
  assert.match(first, /"message":"Hello, Ada!"/);
  assert.match(first, /photo\.jpg +527,940 bytes/);
  const { size } = await stat(thumbnail);
  assert.ok(first.includes(`${size.toLocaleString("en")} bytes, 320x279 pixels`), first);
  assert.ok(size < 100_000);
  assert.deepEqual([...(await readFile(thumbnail)).subarray(0, 3)], [0xff, 0xd8, 0xff], "a JPEG");
  assert.equal(first.match(/^ {2}(bin\/kiln|eval) .+$/gm)?.length, 3, "three commands to type next");
  assert.deepEqual(leftovers(state), []);
  assert.equal((await stat(join(state, "root-key.json"))).mode & 0o777, 0o600, "requests have to be signed");

  const second = await start(state);
  assert.match(second, /Kiln is ready at http/);
  assert.doesNotMatch(second, /First run|deploy samples/);
  assert.deepEqual(leftovers(state), []);
});
