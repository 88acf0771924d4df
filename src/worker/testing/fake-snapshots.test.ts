import assert from "node:assert/strict";
import { test } from "node:test";
import { KilnError } from "../../base/errors.ts";
import { createFakeSandbox, type FakeGuest } from "./fake-sandbox.ts";

const spec = {
  rootImage: "/image",
  argv: ["program"],
  env: {},
  limits: { memoryMB: 128, vcpus: 1, pids: 16, tmpMB: 1 },
  onConnection: () => undefined,
};

test("a fake jail ends with its snapshot, and others start from it, also after it was written down", async () => {
  const seen: (FakeGuest | undefined)[] = [];
  const sandbox = createFakeSandbox(
    async ({ restoredFrom }) => {
      seen.push(restoredFrom);
      await new Promise(() => undefined);
    },
    false,
    { snapshots: true },
  );
  const first = await sandbox.create({ ...spec, id: "first", snapshotted: true });
  const snapshot = await first.snapshot?.();
  assert.ok(snapshot !== undefined && sandbox.snapshots !== undefined);
  assert.equal((await first.exited).signal, "SIGKILL");
  await assert.rejects(async () => first.snapshot?.(), KilnError);
  const loaded = await sandbox.snapshots.load(snapshot.save());
  await sandbox.create({ ...spec, id: "second", from: snapshot });
  await snapshot.release();
  await assert.rejects(sandbox.create({ ...spec, id: "third", from: snapshot }), KilnError);
  await sandbox.create({ ...spec, id: "fourth", from: loaded });
  assert.deepEqual(seen, [undefined, sandbox.guests[0], sandbox.guests[0]]);
  assert.equal(sandbox.snapshotsHeld, 1);
  await loaded.release();
  assert.equal(sandbox.snapshotsHeld, 0);
  await assert.rejects(sandbox.snapshots.load((async function* () {})()), KilnError);
  await sandbox.close();
});
