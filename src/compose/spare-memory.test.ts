import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { giveMemoryBack } from "./spare-memory.ts";

/** A process of its own, in which nothing else allocates: it ends with 0 once its memory has become less. */
const program = `
import { giveMemoryBack } from ${JSON.stringify(new URL("spare-memory.ts", import.meta.url).href)};
let kept = Array.from({ length: 4000 }, () => Buffer.alloc(16 * 1024, 1));
const before = process.memoryUsage.rss();
kept = undefined;
giveMemoryBack();
setInterval(() => {
  if (process.memoryUsage.rss() < before - 40 * 1024 * 1024) process.exit(globalThis.gc === undefined ? 0 : 2);
}, 100);
`;

test("what nobody needs any more goes back to the machine in a quiet moment", async () => {
  await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], { timeout: 60_000 });
});

test("whoever stops before that waits for nothing", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const collected = t.mock.method(globalThis, "clearInterval");
  giveMemoryBack()();
  t.mock.timers.tick(60_000);
  assert.equal(collected.mock.callCount(), 1);
});
