/** docs/security-model.md: what keeps a promise and what shows it are in the project, under the names that it says. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { promiseProblems, promiseRows } from "../support/promises.ts";

const root = resolve(import.meta.dirname, "../..");
const document = readFileSync(resolve(root, "docs/security-model.md"), "utf8");

test("every promise names the code that keeps it and a test that shows it", () => {
  assert.ok(promiseRows(document).length > 20, "there are rows");
  assert.deepEqual(promiseProblems(document, root), []);
});

const here = "`test/security/promises.test.ts` *names that are not there are found: …*";
const code = "`test/support/promises.ts` `promiseRows`";
for (const [what, keptBy, shownBy, problem] of [
  ["nothing wrong", code, here, undefined],
  ["a part of a title", code, here.replace("…", "a part of a title"), undefined],
  ["no file of code", "`src/nowhere.ts`", here, "there is no src/nowhere.ts"],
  ["no name in the code", code.replace("Rows", "Lines"), here, "no promiseLines in its file"],
  ["no code", "the kernel", here, "names no code"],
  ["no test", code, "`test/security/promises.test.ts`", "names no test"],
  ["no such test", code, here.replace("found", "lost"), 'no test "names that are not there are lost: …" in its file'],
  [
    "no such part",
    code,
    here.replace("…*", "nor this*"),
    'no test "names that are not there are found: nor this" in its file',
  ],
  ["a title before any file", code, "*nothing*", "no file before nothing"],
] as const) {
  test(`names that are not there are found: ${what}`, () => {
    const table = `| promise | kept by | shown by |\n|---|---|---|\n| a | ${keptBy} | ${shownBy} |\n`;
    assert.deepEqual(promiseProblems(table, root), problem === undefined ? [] : [`line 3, a: ${problem}`]);
  });
}
