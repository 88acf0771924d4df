import assert from "node:assert/strict";
import { test } from "node:test";
import { KilnError } from "../../base/errors.ts";
import { createFakeSandbox } from "../testing/fake-sandbox.ts";
import { createRuntimeClient } from "../testing/fake-runtime.ts";
import { memoryLog, testAssignment, testRuntimes } from "../testing/fixtures.ts";
import { createWorker } from "../worker.ts";

const assignment = testAssignment({ memoryMB: 300, snapStart: { token: "t" } });

test("an environment whose snapshot is taken has its memory promised while it is there, and not before", async () => {
  const sandbox = createFakeSandbox(
    async ({ port }) => void (await createRuntimeClient(port).request("GET", "/2018-06-01/runtime/restore/next")),
    false,
    { snapshots: true },
  );
  const room = Promise.withResolvers<void>();
  const steps: unknown[] = [];
  const worker = createWorker({
    sandbox,
    runtimes: testRuntimes,
    logs: memoryLog(),
    async reserve(memoryMB) {
      steps.push(`${memoryMB} MB`);
      await room.promise;
      return () => void steps.push(`${sandbox.guests.length} guest, ${sandbox.alive} alive`);
    },
  });
  const taking = worker.snapStarter?.take(assignment);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual([steps, sandbox.guests.length], [["300 MB"], 0]);
  room.resolve();
  const taken = await taking;
  assert.deepEqual(steps, ["300 MB", "1 guest, 0 alive"]);
  await taken?.release();
  await worker.close(0);
});

test("without memory there is no guest, and what was promised is given back when the start fails", async () => {
  const sandbox = createFakeSandbox(async () => undefined, false, { snapshots: true });
  let promised = 0;
  let end: KilnError | undefined = new KilnError("WORKER_CLOSED", "over");
  const worker = createWorker({
    sandbox,
    runtimes: testRuntimes,
    logs: memoryLog(),
    async reserve() {
      if (end !== undefined) throw end;
      promised += 1;
      return () => void (promised -= 1);
    },
  });
  await assert.rejects(async () => worker.snapStarter?.take(assignment), { code: "WORKER_CLOSED" });
  assert.equal(sandbox.guests.length, 0);
  end = undefined;
  sandbox.broken = true;
  await assert.rejects(async () => worker.snapStarter?.take(assignment), /broken/);
  assert.equal(promised, 0);
  await worker.close(0);
});
