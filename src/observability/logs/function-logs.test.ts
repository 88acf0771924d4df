import assert from "node:assert/strict";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createFunctionLogs, type FunctionLogs, type FunctionLogsOptions, type LogLoss } from "./index.ts";

const scope = { account: "000000000000", region: "us-east-1" };
const all = { group: "g", limit: 10_000 };

function temporaryDirectory(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), "kiln-logs-"));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function openLogs(t: TestContext, options: FunctionLogsOptions): FunctionLogs {
  const logs = createFunctionLogs(options);
  t.after(() => logs.close());
  return logs;
}

async function messages(logs: FunctionLogs, query: Partial<Parameters<FunctionLogs["events"]>[1]> = {}) {
  return (await logs.events(scope, { ...all, ...query }))?.events.map(({ message }) => message);
}

function segmentsOf(dir: string, group = "g"): string[] {
  const directory = join(dir, scope.account, scope.region, group);
  return readdirSync(directory)
    .filter((name) => name.endsWith(".seg"))
    .map((name) => join(directory, name));
}

test("a reader sees what was written before it asked", async (t) => {
  const logs = openLogs(t, { dir: temporaryDirectory(t) });
  const stream = logs.open({ ...scope, group: "g", stream: "s1" });
  stream.write(1, "one");
  assert.deepEqual(await messages(logs), ["one"]);
  stream.write(2, "two");
  logs.open({ ...scope, group: "g", stream: "s2" }).write(3, "three\nlines — ✓");
  assert.deepEqual(await messages(logs), ["one", "two", "three\nlines — ✓"]);
  assert.deepEqual(await messages(logs, { backwards: true }), ["three\nlines — ✓", "two", "one"]);
  assert.deepEqual(await messages(logs, { streams: ["s2"] }), ["three\nlines — ✓"]);
  assert.deepEqual(await messages(logs, { streamPrefix: "s1" }), ["one", "two"]);
  assert.deepEqual(await messages(logs, { start: 2, end: 3 }), ["two"]);
});

test("accounts, regions and groups are apart; what is absent is undefined", async (t) => {
  const logs = openLogs(t, { dir: temporaryDirectory(t) });
  logs.open({ ...scope, group: "g", stream: "s" }).write(1, "mine");
  for (const other of [
    { account: "111111111111", region: "us-east-1" },
    { account: "000000000000", region: "eu-west-1" },
  ]) {
    assert.equal(await logs.events(other, all), undefined);
    assert.deepEqual(await logs.groups(other, ""), []);
  }
  assert.equal(await logs.events(scope, { ...all, group: "h" }), undefined);
  assert.equal(await logs.streams(scope, "h"), undefined);
  assert.equal(await logs.deleteGroup(scope, "h"), false);
});

test("paging, forwards and backwards, gives every event once, across segments", async (t) => {
  const logs = openLogs(t, { dir: temporaryDirectory(t), segmentBytes: 4096 });
  const expected: string[] = [];
  for (let round = 0; round < 20; round += 1) {
    for (let index = 0; index < 25; index += 1) {
      const message = `event ${round}/${index}`;
      logs.open({ ...scope, group: "g", stream: `s${index % 3}` }).write(round, message);
      expected.push(message);
    }
    await logs.flush();
  }
  for (const backwards of [false, true]) {
    for (const limits of [{ limit: 7 }, { limit: 100, maxBytes: 200 }]) {
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await logs.events(scope, {
          ...all,
          ...limits,
          backwards,
          ...(after === undefined ? {} : { after }),
        });
        assert.ok(page);
        seen.push(...page.events.map(({ message }) => message));
        after = page.next;
      } while (after !== undefined);
      assert.deepEqual(backwards ? seen.reverse() : seen, expected);
    }
  }
});

test("following: the id of the last event is where to go on", async (t) => {
  const logs = openLogs(t, { dir: temporaryDirectory(t) });
  const stream = logs.open({ ...scope, group: "g", stream: "s" });
  let after: string | undefined;
  for (let round = 0; round < 5; round += 1) {
    stream.write(round, `a${round}`);
    stream.write(round, `b${round}`);
    const page = await logs.events(scope, { ...all, ...(after === undefined ? {} : { after }) });
    assert.deepEqual(
      page?.events.map(({ message }) => message),
      [`a${round}`, `b${round}`],
    );
    after = page?.events.at(-1)?.id;
  }
});

test("streams and groups say what they hold", async (t) => {
  const logs = openLogs(t, { dir: temporaryDirectory(t), clock: () => 1_000 });
  logs.open({ ...scope, group: "/aws/lambda/b", stream: "s2" }).write(30, "x");
  logs.open({ ...scope, group: "/aws/lambda/b", stream: "s1" }).write(10, "abc");
  logs.open({ ...scope, group: "/aws/lambda/b", stream: "s1" }).write(20, "de");
  logs.open({ ...scope, group: "/aws/lambda/a", stream: "s" }).write(1, "x");
  logs.open({ ...scope, group: "other", stream: "s" }).write(1, "x");
  const groups = await logs.groups(scope, "/aws/lambda/");
  assert.deepEqual(
    groups.map(({ name, createdAt }) => [name, createdAt]),
    [
      ["/aws/lambda/a", 1_000],
      ["/aws/lambda/b", 1_000],
    ],
  );
  assert.ok(groups.every(({ storedBytes }) => storedBytes > 0));
  assert.deepEqual(await logs.streams(scope, "/aws/lambda/b"), [
    { name: "s1", createdAt: 10, lastEventAt: 20, storedBytes: 5 },
    { name: "s2", createdAt: 30, lastEventAt: 30, storedBytes: 1 },
  ]);
});

test("a full group loses its oldest events, and only those", async (t) => {
  const dir = temporaryDirectory(t);
  const logs = openLogs(t, { dir, maxBytesPerGroup: 64 * 1024, segmentBytes: 8 * 1024 });
  const stream = logs.open({ ...scope, group: "g", stream: "s" });
  for (let round = 0; round < 200; round += 1) {
    stream.write(round, `${round} ${"x".repeat(1000)}`);
    await logs.flush();
  }
  const kept = (await messages(logs))?.map((message) => Number.parseInt(message, 10)) ?? [];
  assert.equal(kept.at(-1), 199);
  assert.deepEqual(
    kept,
    Array.from({ length: kept.length }, (_, index) => 200 - kept.length + index),
  );
  const bytes = segmentsOf(dir).reduce((sum, path) => sum + statSync(path).size, 0);
  assert.ok(bytes <= 64 * 1024, `${bytes} bytes on disk`);
  assert.ok(kept.length > 40, `${kept.length} events kept`);
});

test("the total is bounded over all groups: the oldest go first, idle groups included", async (t) => {
  let now = 1_000_000;
  const logs = openLogs(t, {
    dir: temporaryDirectory(t),
    maxBytesTotal: 40 * 1024,
    segmentBytes: 8 * 1024,
    clock: () => now++,
  });
  for (let round = 0; round < 20; round += 1) {
    logs.open({ ...scope, group: `g${round}`, stream: "s" }).write(round, "x".repeat(4000));
    await logs.flush();
  }
  const groups = await logs.groups(scope, "");
  assert.ok(groups.reduce((sum, { storedBytes }) => sum + storedBytes, 0) <= 40 * 1024);
  assert.deepEqual(await messages(logs, { group: "g0" }), []);
  assert.equal((await messages(logs, { group: "g19" }))?.length, 1);
});

test("a new start goes on where the last one ended; ids only grow, even when the clock goes back", async (t) => {
  const dir = temporaryDirectory(t);
  const before = createFunctionLogs({ dir, clock: () => 2_000_000 });
  before.open({ ...scope, group: "g", stream: "s" }).write(1, "before");
  await before.close();
  const after = openLogs(t, { dir, clock: () => 1_000_000 });
  after.open({ ...scope, group: "g", stream: "s" }).write(2, "after");
  const page = await after.events(scope, all);
  assert.deepEqual(
    page?.events.map(({ message }) => message),
    ["before", "after"],
  );
  const ids = page?.events.map(({ id }) => id) ?? [];
  assert.deepEqual(ids, [...new Set(ids)].sort());
  assert.equal(segmentsOf(dir).length, 1);
});

test("a torn tail is cut at the next open; what was whole stays", async (t) => {
  const dir = temporaryDirectory(t);
  const before = createFunctionLogs({ dir });
  before.open({ ...scope, group: "g", stream: "s" }).write(1, "whole");
  await before.close();
  const [segment] = segmentsOf(dir);
  assert.ok(segment);
  const whole = statSync(segment).size;
  appendFileSync(segment, Buffer.concat([Buffer.from("KLG1"), Buffer.alloc(50, 1)]));
  const after = openLogs(t, { dir });
  assert.deepEqual(await messages(after), ["whole"]);
  after.open({ ...scope, group: "g", stream: "s" }).write(2, "next");
  assert.deepEqual(await messages(after), ["whole", "next"]);
  assert.ok(statSync(segment).size < whole * 2 + 10);
});

test("what a crash left of a creation or a deletion is swept", async (t) => {
  const dir = temporaryDirectory(t);
  const region = join(dir, scope.account, scope.region);
  mkdirSync(join(region, ".new-g-1"), { recursive: true });
  mkdirSync(join(region, ".gone-2"));
  writeFileSync(join(region, ".gone-2", "group.json"), "{}");
  const logs = openLogs(t, { dir });
  assert.deepEqual(await logs.groups(scope, ""), []);
  assert.deepEqual(readdirSync(region), []);
});

test("a deleted group is gone, and comes back empty with the next write", async (t) => {
  const dir = temporaryDirectory(t);
  const logs = openLogs(t, { dir });
  const stream = logs.open({ ...scope, group: "g", stream: "s" });
  stream.write(1, "old");
  const id = (await logs.events(scope, all))?.events[0]?.id ?? "";
  assert.equal(await logs.deleteGroup(scope, "g"), true);
  assert.equal(await logs.events(scope, all), undefined);
  assert.equal(await logs.deleteGroup(scope, "g"), false);
  assert.deepEqual(readdirSync(join(dir, scope.account, scope.region)), []);
  stream.write(2, "new");
  const events = (await logs.events(scope, all))?.events ?? [];
  assert.deepEqual(
    events.map(({ message }) => message),
    ["new"],
  );
  assert.ok((events[0]?.id ?? "") > id);
});

test("a disk that fails is counted and reported, and writing goes on once it works again", async (t) => {
  const dir = temporaryDirectory(t);
  const losses: LogLoss[] = [];
  const logs = openLogs(t, { dir, onLoss: (loss) => losses.push(loss) });
  // A file where the group's directory would be.
  mkdirSync(join(dir, scope.account), { recursive: true });
  writeFileSync(join(dir, scope.account, scope.region), "");
  const stream = logs.open({ ...scope, group: "g", stream: "s" });
  stream.write(1, "lost");
  await logs.flush();
  assert.deepEqual(logs.lost(), { events: 1, bytes: 4 });
  assert.equal(losses[0]?.reason, "disk");
  rmSync(join(dir, scope.account, scope.region));
  stream.write(2, "kept");
  assert.deepEqual(await messages(logs), ["kept"]);
});

test("a writer that is faster than the disk loses events, not the process's memory", async (t) => {
  const losses: LogLoss[] = [];
  const logs = openLogs(t, { dir: temporaryDirectory(t), onLoss: (loss) => losses.push(loss) });
  const stream = logs.open({ ...scope, group: "g", stream: "s" });
  for (let index = 0; index < 200; index += 1) stream.write(index, "x".repeat(100_000));
  await logs.flush();
  assert.equal(losses[0]?.reason, "backlog");
  const kept = (await messages(logs))?.length ?? 0;
  assert.equal(kept + logs.lost().events, 200);
});

test("nobody else may read the files", async (t) => {
  const dir = temporaryDirectory(t);
  chmodSync(dir, 0o700);
  const logs = openLogs(t, { dir });
  logs.open({ ...scope, group: "g", stream: "s" }).write(1, "secret");
  await logs.flush();
  for (const path of segmentsOf(dir)) assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(join(dir, scope.account)).mode & 0o777, 0o700);
});
