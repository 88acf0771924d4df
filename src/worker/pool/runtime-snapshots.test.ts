import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createGuest } from "../environment/guest.ts";
import { createFakeSandbox, type FakeGuest } from "../testing/fake-sandbox.ts";
import { createRuntimeClient, serve } from "../testing/fake-runtime.ts";
import { memoryLog, testAssignment, testCall, testImage, testRuntimes } from "../testing/fixtures.ts";
import { createWorker } from "../worker.ts";
import { createRuntimeSnapshots, type RuntimeSnapshotOptions } from "./runtime-snapshots.ts";

const limits = { memoryMB: 128, vcpus: 1, pids: 1024, tmpMB: 512 };
const ASSIGNMENT = "/kiln/2026-11-01/assignment";

async function waits({ port }: FakeGuest): Promise<void> {
  await createRuntimeClient(port).request("GET", ASSIGNMENT);
  await new Promise(() => undefined);
}

function bench(t: TestContext, program = waits, changes: Partial<RuntimeSnapshotOptions> = {}) {
  const sandbox = createFakeSandbox(program, false, { snapshots: true });
  const failures: unknown[] = [];
  let count = 0;
  const snapshots = createRuntimeSnapshots({
    sandbox,
    most: 2,
    unusedMs: 60_000,
    maxAgeMs: 60_000,
    delayMs: 1,
    create: (spec) => createGuest(sandbox, { id: `g${++count}`, ...spec }),
    failed: (_, error) => void failures.push(error),
    ...changes,
  });
  t.after(async () => {
    await snapshots.close();
    assert.equal(sandbox.snapshotsHeld, 0, "snapshots are left");
    await sandbox.close();
  });
  const start = (image = testImage, memoryMB = 128) => {
    const spec = { id: `f${++count}`, rootImage: "", argv: [], env: {}, limits: { ...limits, memoryMB }, tree: {} };
    return snapshots.start(image, spec);
  };
  return { sandbox, snapshots, failures, start };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

test("after a runtime's first use its snapshot is taken, and what comes later starts from it", async (t) => {
  const { sandbox, snapshots, start } = bench(t);
  assert.equal(await start(), undefined);
  await until(() => snapshots.total === 1);
  assert.equal(sandbox.alive, 0, "the jail that it was taken of is gone");
  const [one, two] = await Promise.all([start(), start()]);
  assert.ok(one !== undefined && two !== undefined);
  assert.equal(sandbox.guests.at(-1)?.restoredFrom, sandbox.guests[0]);
  assert.equal(sandbox.guests.at(-1)?.spec.env["KILN_PREBOOT"], "1");
  assert.equal(await start(testImage, 10_240), undefined, "there is none of that size");
  await Promise.all([one.end(), two.end()]);
});

test("each size has one; the one that was not used for longest makes room; a new image has a new one", async (t) => {
  const { sandbox, snapshots, start } = bench(t);
  await start();
  await until(() => snapshots.total === 1);
  await start(testImage, 1024);
  await until(() => snapshots.total === 2);
  const rebuilt = { ...testImage, versionArn: `${testImage.versionArn}2` };
  assert.equal(await start(rebuilt, 1024), undefined);
  await until(() => snapshots.total === 2);
  assert.equal(sandbox.snapshotsHeld, 2);
  await start({ ...testImage, id: "other" });
  await until(() => sandbox.guests.length === 4 && snapshots.total === 2);
  assert.equal(await start(), undefined, "it has made room");
});

test("what is not used is given up, also under memory pressure", async (t) => {
  const unused = bench(t, waits, { unusedMs: 20 });
  await unused.start();
  await until(() => unused.sandbox.guests.length === 1 && unused.sandbox.snapshotsHeld === 0);
  const pressed = bench(t);
  await pressed.start();
  await until(() => pressed.snapshots.total === 1);
  assert.equal(pressed.snapshots.relieve(), true);
  assert.equal(pressed.snapshots.relieve(), false);
  await until(() => pressed.sandbox.snapshotsHeld === 0);
});

test("a runtime that ends instead of waiting is reported, and not tried again at once", async (t) => {
  const { sandbox, snapshots, failures, start } = bench(t, async () => undefined);
  await start();
  await until(() => failures.length === 1);
  assert.match(String(failures[0]), /before it waited/);
  await start();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(sandbox.guests.length, 1);
  assert.equal(snapshots.total, 0);
});

test("the worker gives a restored runtime its function, and starts without one that cannot be restored", async (t) => {
  const errors: unknown[] = [];
  const sandbox = createFakeSandbox(
    async (guest) => {
      let env: Record<string, string> = { ...guest.spec.env };
      if (env["KILN_PREBOOT"] === "1") {
        const client = createRuntimeClient(guest.port);
        env = (JSON.parse((await client.request("GET", ASSIGNMENT)).body) as { env: typeof env }).env;
      }
      await serve(guest, (event) => {
        if (event === '"crash"') guest.exit({ status: 1 });
        return JSON.stringify([env["MINE"], guest.restoredFrom !== undefined, guest.tree]);
      });
    },
    false,
    { snapshots: true },
  );
  const worker = createWorker({
    sandbox,
    runtimes: testRuntimes,
    logs: memoryLog(),
    report: (error) => void errors.push(error),
    runtimeSnapshots: { delayMs: 1 },
  });
  t.after(async () => {
    await worker.close(0);
    assert.equal(sandbox.alive + sandbox.snapshotsHeld, 0);
  });
  const answer = async (): Promise<string> => {
    const environment = await worker.start(testAssignment({ environment: { MINE: "1" } }));
    return Buffer.from((await environment.invoke(testCall())).payload).toString();
  };
  assert.equal(await answer(), '["1",false,{"code":"/dev/null"}]');
  await until(() => sandbox.snapshotsHeld === 1);
  assert.equal(await answer(), '["1",true,{"code":"/dev/null"}]');

  const environment = await worker.start(testAssignment({ environment: { MINE: "2" } }));
  const crash = async (): Promise<void> => {
    const { functionError } = await environment.invoke(testCall({ payload: Buffer.from('"crash"') }));
    assert.equal(functionError, "Unhandled");
    await until(() => environment.idle);
  };
  const call = async (): Promise<string> => Buffer.from((await environment.invoke(testCall())).payload).toString();
  await crash();
  assert.equal(await call(), '["2",true,{"code":"/dev/null"}]', "a reset goes on from the snapshot, too");
  worker.relieve();
  await crash();
  assert.equal(await call(), '["2",false,{"code":"/dev/null"}]');
  assert.deepEqual(errors, []);
});
