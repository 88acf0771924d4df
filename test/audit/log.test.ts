/** The log of the audit: nothing that was answered is lost, and nothing that was done to its files goes unnoticed. */
import assert from "node:assert/strict";
import { copyFile, cp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openAuditKey } from "../../src/security/audit/key.ts";
import { verifyLog } from "../../src/security/audit/verify.ts";
import { auditPlace, recordsOf, someCall, type AuditPlace } from "./support.ts";

/** Many files of few records each. */
const small = { segmentBytes: 4000, totalBytes: 1024 ** 3, retentionMs: 1e12, waitingBytes: 1024 ** 2 };

async function written(context: TestContext, count = 40): Promise<AuditPlace & { files: string[] }> {
  const place = await auditPlace(context);
  const audit = await place.open({ limits: small });
  for (let index = 0; index < count; index += 1) {
    await audit.calls.record(someCall({ parameters: () => ({ functionName: `f${index}` }) }));
  }
  await audit.close();
  return { ...place, files: await filesOf(place.dir) };
}

async function filesOf(dir: string): Promise<string[]> {
  const names = (await readdir(dir)).filter((name) => name.endsWith(".log"));
  return names.toSorted().map((name) => join(dir, name));
}

async function problems({ dir, key, witness }: AuditPlace): Promise<string[]> {
  const { findings } = await verifyLog(dir, key.chain, witness);
  return [...new Set(findings.map(({ problem }) => problem))].toSorted();
}

async function edit(file: string | undefined, change: (lines: string[]) => void): Promise<void> {
  assert.ok(file !== undefined);
  const lines = (await readFile(file, "utf8")).split("\n");
  change(lines);
  await writeFile(file, lines.join("\n"));
}

test("records are verified, over many files and after a restart", async (context) => {
  const place = await written(context);
  assert.ok(place.files.length > 3);
  const before = await verifyLog(place.dir, place.key.chain);
  assert.deepEqual({ ...before }, { records: 40, from: 1, to: 40, findings: [] });
  const audit = await place.open({ limits: small });
  await audit.calls.record(someCall());
  const records = await recordsOf(audit);
  assert.equal(records.length, 41);
  assert.deepEqual(records[7]?.requestParameters, { functionName: "f7" });
  assert.deepEqual(await problems(place), []);
  assert.deepEqual(place.reports, []);
});

const changes: Record<
  string,
  [expected: string[], change: (place: AuditPlace & { files: string[] }) => Promise<void>]
> = {
  "a letter in the middle": [
    ["altered"],
    ({ files }) => edit(files[1], (lines) => (lines[3] = (lines[3] ?? "").replace("DeleteFunction", "DeleteFuncsion"))),
  ],
  "a letter of the last record": [
    ["altered"],
    ({ files }) =>
      edit(files.at(-1), (lines) => (lines[lines.length - 2] = (lines.at(-2) ?? "").replace("f39", "f93"))),
  ],
  "a record in the middle that is taken out": [
    ["missing"],
    ({ files }) => edit(files[1], (lines) => lines.splice(3, 1)),
  ],
  "the first record of a file that is taken out": [
    ["missing"],
    ({ files }) => edit(files[1], (lines) => lines.splice(1, 1)),
  ],
  "two records that change places": [
    ["reordered"],
    ({ files }) => edit(files[1], (lines) => lines.splice(2, 2, lines[3] ?? "", lines[2] ?? "")),
  ],
  "a record that is there twice": [
    ["reordered"],
    ({ files }) => edit(files[1], (lines) => lines.splice(3, 0, lines[2] ?? "")),
  ],
  "a file that is gone": [["missing"], ({ files }) => rm(files[1] ?? "")],
  "the last file that is gone": [["truncated"], ({ files }) => rm(files.at(-1) ?? "")],
  "the first file that is gone": [["missing"], ({ files }) => rm(files[0] ?? "")],
  "the last record that is cut off": [
    ["truncated"],
    async ({ files }) => {
      const file = files.at(-1) ?? "";
      const text = await readFile(file);
      await truncate(file, text.lastIndexOf(10, text.length - 2) + 1);
    },
  ],
  "half of the last record": [
    ["altered"],
    async ({ files }) => {
      const file = files.at(-1) ?? "";
      await truncate(file, (await readFile(file)).length - 50);
    },
  ],
  "a file in the place of another": [["missing", "reordered"], ({ files }) => copyFile(files[0] ?? "", files[1] ?? "")],
  "the head that is gone": [["head"], ({ dir }) => rm(join(dir, "head"))],
  "a head that is made up": [
    ["head"],
    async ({ dir }) => {
      const path = join(dir, "head");
      await writeFile(path, (await readFile(path, "utf8")).replace('"next":41', '"next":40'));
    },
  ],
};

for (const [name, [expected, change]] of Object.entries(changes)) {
  test(`found: ${name}`, async (context) => {
    const place = await written(context);
    await change(place);
    assert.deepEqual(await problems(place), expected);
  });
}

test("a log that somebody has been at goes on, tells of it, and stays found", async (context) => {
  const place = await written(context);
  await rm(place.files.at(-1) ?? "");
  const audit = await place.open({ limits: small });
  assert.match(String(place.reports[0]), /is not as it was left/);
  await audit.calls.record(someCall({ operation: "CreateFunction" }));
  const names = (await recordsOf(audit)).slice(-2).map(({ eventName }) => eventName);
  assert.deepEqual(names, ["AuditLogDamaged", "CreateFunction20150331"]);
  assert.deepEqual(await problems(place), ["missing"]);
});

test("half a line behind the end is nobody's record, and goes", async (context) => {
  const place = await written(context);
  const last = place.files.at(-1) ?? "";
  await writeFile(last, Buffer.concat([await readFile(last), Buffer.from("41 abc")]));
  assert.deepEqual(await problems(place), []);
  const audit = await place.open({ limits: small });
  await audit.calls.record(someCall());
  assert.equal((await recordsOf(audit)).length, 41);
  assert.deepEqual([place.reports, await problems(place)], [[], []]);
});

test("the oldest files go when there is too much, and are not missed", async (context) => {
  const place = await auditPlace(context);
  const limits = { ...small, totalBytes: 10_000 };
  let audit = await place.open({ limits });
  for (let index = 0; index < 60; index += 1) await audit.calls.record(someCall());
  audit = await place.open({ limits });
  const { records, from, to, findings } = await verifyLog(place.dir, place.key.chain);
  assert.deepEqual(findings, []);
  assert.ok(from > 1 && to === 60 && records === to - from + 1, `${from} to ${to}`);
  assert.equal(audit.log.oldest(), from);
});

test("a log cannot be verified with another key", async (context) => {
  const place = await written(context, 3);
  const { findings } = await verifyLog(place.dir, Buffer.alloc(32));
  assert.ok(findings.length >= 4, JSON.stringify(findings));
});

test("an older copy of the whole log, its head included, is found out by the witness outside of it", async (context) => {
  const place = await auditPlace(context);
  const record = async (count: number) => {
    const audit = await place.open({ limits: small });
    for (let index = 0; index < count; index += 1) await audit.calls.record(someCall());
    await audit.close();
  };
  await record(20);
  const older = join(place.dir, "../older");
  await cp(place.dir, older, { recursive: true });
  await record(5);
  await rm(place.dir, { recursive: true });
  await cp(older, place.dir, { recursive: true });
  assert.deepEqual((await verifyLog(place.dir, place.key.chain)).findings, [], "by itself the copy is whole");
  const [finding, ...others] = (await verifyLog(place.dir, place.key.chain, place.witness)).findings;
  assert.deepEqual([finding?.problem, finding?.record, others], ["truncated", 21, []]);
  assert.match(finding?.message ?? "", /up to 25: an earlier state/);

  // The log goes on behind the gap, which stays to be seen, and the operator is told.
  await record(1);
  assert.match(String(place.reports), /records before 26 are gone or changed: an earlier state of it was put back/);
  assert.deepEqual(await problems(place), ["missing"]);
  await writeFile(place.witness, "made up");
  assert.deepEqual(await problems(place), ["head", "missing"]);
});

test("a key from the time when it lay in the state directory moves out of it, and is the same key", async (context) => {
  const place = await auditPlace(context);
  const [earlier, file] = [join(place.dir, "../state.key"), join(place.dir, "../moved.key")];
  await openAuditKey(earlier);
  const made = await openAuditKey(earlier);
  const moved = await openAuditKey(file, earlier);
  assert.deepEqual([moved.fingerprint, moved.isNew, moved.since], [made.fingerprint, false, made.since]);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  await assert.rejects(stat(earlier), { code: "ENOENT" });
  assert.equal((await openAuditKey(file, earlier)).fingerprint, made.fingerprint);
});
