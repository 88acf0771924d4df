import assert from "node:assert/strict";
import { it } from "node:test";
import { createBackground } from "./background.ts";

const tick = () => new Promise((resolve) => setImmediate(resolve));

it("runs each name once at a time, and once more when it was asked for meanwhile", async () => {
  const log: string[] = [];
  let running = 0;
  const background = createBackground({
    concurrency: 2,
    report: assert.ifError,
    async work(name) {
      running += 1;
      assert.ok(running <= 2);
      log.push(name);
      await tick();
      running -= 1;
    },
  });
  for (const name of ["a", "a", "b", "c"]) background.enqueue(name);
  await tick();
  background.enqueue("c");
  background.enqueue("c");
  await background.settled();
  assert.deepEqual(log, ["a", "b", "a", "c", "c"]);
});

it("tries again what failed, and tells of it", async () => {
  const reports: unknown[] = [];
  let attempts = 0;
  const done = Promise.withResolvers<void>();
  const background = createBackground({
    concurrency: 1,
    retryDelay: 1,
    report: (error) => reports.push(error),
    async work() {
      attempts += 1;
      if (attempts < 4) throw new Error(`attempt ${attempts}`);
      done.resolve();
    },
  });
  background.enqueue("a");
  // A retry does not keep the process alive by itself.
  const alive = setInterval(() => undefined, 1000);
  await done.promise;
  clearInterval(alive);
  assert.deepEqual(reports.map(String), ["Error: attempt 1", "Error: attempt 2", "Error: attempt 3"]);
});

it("waits for what runs when it is closed, and takes nothing more", async () => {
  const log: string[] = [];
  const background = createBackground({
    concurrency: 1,
    report: assert.ifError,
    async work(name) {
      await tick();
      log.push(name);
    },
  });
  background.enqueue("a");
  background.enqueue("b");
  await background.close();
  background.enqueue("c");
  await tick();
  assert.deepEqual(log, ["a"]);
});
