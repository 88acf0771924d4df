import assert from "node:assert/strict";
import { test } from "node:test";
import { KilnError, messageOf } from "../../base/errors.ts";
import { endAndRelease } from "./ending.ts";
import { createHoldings } from "./holdings.ts";

test("what cannot be given back after a late end is reported, and all else is given back", async () => {
  const { promise: exited, resolve: exit } = Promise.withResolvers<string>();
  const { promise: reported, resolve: report } = Promise.withResolvers<unknown>();
  const seen: string[] = [];
  const holdings = createHoldings();
  holdings.add(() => void seen.push("released"));
  holdings.add(() => Promise.reject(new Error("the mount is busy")));
  const hangUp = (): void => void seen.push("hung up");
  const end = endAndRelease({
    id: "j",
    pid: 7,
    exited,
    hangUp,
    release: () => holdings.release(),
    report,
    withinMs: 5,
  });
  await assert.rejects(end, { code: "JAIL_DOES_NOT_END" });
  assert.deepEqual(seen, ["hung up"]);
  exit("late");
  const error = await reported;
  assert.ok(error instanceof KilnError);
  assert.deepEqual([error.code, messageOf(error.cause)], ["JAIL_NOT_RELEASED", "the mount is busy"]);
  assert.deepEqual(seen, ["hung up", "released"]);
});

test("what cannot be given back after an end in time is the caller's error", async () => {
  const reports: unknown[] = [];
  const end = endAndRelease({
    id: "j",
    pid: 7,
    exited: Promise.resolve("in time"),
    hangUp: () => assert.fail("it is not late"),
    release: () => Promise.reject(new Error("the mount is busy")),
    report: (error) => reports.push(error),
  });
  await assert.rejects(end, /the mount is busy/);
  assert.deepEqual(reports, []);
});
