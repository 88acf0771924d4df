/** Environments are frozen between calls: with real jails and the real Node.js runtime. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { testCall } from "../../src/worker/testing/fixtures.ts";
import { openRealWorker, text, type RealWorker } from "./support.ts";

let real: RealWorker;
before(async () => {
  real = await openRealWorker();
});
after(() => real.close());

const source = `
  let ticks = 0;
  let late;
  let last = Date.now();
  let pause = 0;
  setInterval(() => {
    ticks += 1;
    pause = Math.max(pause, Date.now() - last);
    last = Date.now();
  }, 5);
  export const handler = async (event) => {
    if (event === "later") setTimeout(() => (late = Date.now()), 150);
    const { promise, resolve } = Promise.withResolvers();
    if (event === "wait") setTimeout(resolve, 30); else resolve();
    await promise;
    return { ticks, pause, late, now: Date.now() };
  };`;

interface Answer {
  ticks: number;
  /** ms, the longest between two ticks. */
  pause: number;
  late?: number;
  now: number;
}

test("nothing runs between calls, and what was left goes on with the next one", async (t) => {
  const environment = await real.start(source);
  t.after(() => environment.retire("idle"));
  const frozen = async (): Promise<void> => {
    while (!environment.frozen) await sleep(5);
  };
  const call = async (event: string): Promise<Answer> => {
    const result = await environment.invoke(testCall({ payload: Buffer.from(JSON.stringify(event)) }));
    assert.equal(environment.frozen, false);
    return JSON.parse(text(result.payload)) as Answer;
  };
  await call("later");
  await frozen();
  // One that is frozen is as good as any other.
  assert.equal(environment.idle && environment.alive, true);
  const before = await call("now");
  await frozen();
  await sleep(500);
  const wokenAt = Date.now();
  const after = await call("wait");
  assert.ok(after.ticks > before.ticks, "timers do not run after the thaw");
  assert.ok(after.pause >= 500, `the longest pause between two ticks is ${after.pause} ms`);
  assert.ok(after.late !== undefined && after.now >= wokenAt, "the clock has stood still");
  await frozen();
  for (let n = 0; n < 5; n++) await call("now");
});

test("a frozen environment is ended like any other", async () => {
  const environment = await real.start(source);
  await environment.invoke(testCall());
  while (!environment.frozen) await sleep(5);
  await environment.retire("changed");
  assert.equal(environment.alive, false);
  assert.equal((await real.jails.at(-1)?.exited)?.signal, "SIGKILL");
});
